//! The simulated contact centre and the wire that it serves.

use std::time::Duration;

use floorwalker::simulator::centre::{AgentState, Centre, Order, Phase};
use floorwalker::simulator::scenario::Scenario;

const HOUR: Duration = Duration::from_hours(1);

fn floor(seed: u64) -> Centre {
    Centre::after_a_day(&Scenario::weekday().unwrap(), seed)
}

#[test]
fn tuning() {
    for seed in 1..=3 {
        let mut centre = floor(seed);
        for minute in 0..60 {
            centre.advance(Duration::from_secs(60));
            let (mut warn, mut crit) = (0, 0);
            let mut names = vec![];
            for (i, q) in centre.queues().iter().enumerate() {
                let f = centre.figures(i);
                if !f.open || q.setup.type_id != 4 { continue; }
                let en = q.setup.key != "paivystys" && matches!(q.setup.vendor, floorwalker::simulator::scenario::Vendor::Enreach);
                if f.waiting >= 3 || f.longest_wait >= 60 { crit += 1; names.push(format!("{}!{}/{}", q.setup.key, f.waiting, f.longest_wait)); }
                else if f.waiting >= 1 || f.longest_wait >= 31 || (en && f.logged_in <= 3) { warn += 1; names.push(q.setup.key.clone()); }
            }
            if minute % 4 == 0 { println!("seed {seed} min {minute}: crit {crit} warn {warn} {names:?}"); }
        }
        for (i, q) in centre.queues().iter().enumerate() {
            let f = centre.figures(i);
            println!("{:15} {:?} sl {:?} asa {} li {} free {} busy {} w {} a {}", q.setup.key, q.tally().today(), q.tally().service_level(), q.tally().average_wait(), f.logged_in, f.free, f.busy, f.wrap_up, f.away);
        }
        for l in 0..3 { println!("{:?}", centre.list_figures(l)); }
        println!("entries {} agents {}", centre.entries().count(), centre.agents().len());
    }
}
