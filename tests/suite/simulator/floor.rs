//! The floor by itself: what holds however long it runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use floorwalker::simulator::centre::{AgentState, Centre, EntryState, Order, Phase, Removal};
use floorwalker::simulator::scenario::{Scenario, ScenarioError, Vendor};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

fn floor(seed: u64) -> Centre {
    Centre::after_a_day(&Scenario::weekday().unwrap(), seed)
}

fn queue(centre: &Centre, key: &str) -> usize {
    centre.queues().iter().position(|queue| queue.setup.key == key).unwrap()
}

fn agent(centre: &Centre, user: &str) -> usize {
    centre.agents().iter().position(|agent| agent.user() == user).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_floor_after_an_hour() {
    let (mut one, mut other) = (floor(7), floor(7));
    one.advance(HOUR);
    other.advance(HOUR);
    assert!(one == other);
}

#[test]
fn the_floor_is_the_same_however_time_is_cut() {
    let (mut whole, mut cut) = (floor(7), floor(7));
    whole.advance(HOUR);
    for _ in 0..14_400 {
        cut.advance(Duration::from_millis(250));
    }
    assert!(whole == cut);
}

#[test]
fn time_shorter_than_a_millisecond_is_not_lost() {
    let (mut whole, mut cut) = (floor(7), floor(7));
    whole.advance(MINUTE);
    for _ in 0..240_000 {
        cut.advance(Duration::from_micros(250));
    }
    assert!(whole == cut);
}

#[test]
fn another_seed_gives_another_floor() {
    let calls = |centre: &Centre| {
        centre.queues().iter().map(|queue| queue.tally().ever()).collect::<Vec<_>>()
    };
    assert_ne!(calls(&floor(1)), calls(&floor(2)));
}

#[test]
fn every_call_that_came_is_somewhere() {
    for seed in 1..=4 {
        let mut centre = floor(seed);
        for _ in 0..36 {
            centre.advance(40 * MINUTE);
            for (position, queue) in centre.queues().iter().enumerate() {
                let ever = queue.tally().ever();
                let figures = centre.figures(position);
                let gone = ever.answered + ever.abandoned + ever.overflowed;
                assert_eq!(ever.offered, gone + figures.waiting + figures.alerting);
            }
        }
    }
}

#[test]
fn agents_of_a_queue_sum_up() {
    let mut centre = floor(3);
    for _ in 0..48 {
        centre.advance(30 * MINUTE);
        for position in 0..centre.queues().len() {
            let figures = centre.figures(position);
            let parts = figures.free + figures.busy + figures.wrap_up + figures.away;
            assert_eq!(figures.logged_in, parts);
            assert_eq!(figures.logged_in, figures.presence.values().sum::<u64>());
        }
    }
}

#[test]
fn a_call_and_its_agent_know_of_each_other() {
    let mut centre = floor(5);
    for _ in 0..100 {
        centre.advance(MINUTE);
        let mut busy = 0;
        for call in centre.calls() {
            let (agent, expected) = match call.phase {
                Phase::Waiting | Phase::Parked { .. } => continue,
                Phase::Alerting { agent } => (agent, AgentState::Alerting { call: call.id }),
                Phase::Connected { agent } => (agent, AgentState::Talking { call: call.id }),
            };
            assert_eq!(centre.agents()[agent].state(), expected);
            busy += 1;
        }
        let with_call = centre.agents().iter().filter(|agent| {
            matches!(agent.state(), AgentState::Alerting { .. } | AgentState::Talking { .. })
        });
        assert_eq!(with_call.count(), busy);
    }
}

#[test]
fn nobody_waits_while_an_agent_of_the_queue_is_free() {
    let mut centre = floor(6);
    for _ in 0..600 {
        centre.advance(Duration::from_secs(20));
        for position in 0..centre.queues().len() {
            let figures = centre.figures(position);
            assert!(figures.waiting == 0 || figures.free == 0, "{figures:?}");
        }
    }
}

#[test]
fn the_floor_is_alive_from_the_first_moment() {
    for seed in 1..=5 {
        let centre = floor(seed);
        assert!((55..=75).contains(&centre.agents().len()));
        assert!(centre.calls().count() >= 10);
        assert!((20..=80).contains(&centre.entries().count()));
        let lists = 0..centre.lists().len();
        assert!(lists.map(|list| centre.list_figures(list).open).sum::<u64>() > 0);
        for (position, queue) in centre.queues().iter().enumerate() {
            if queue.setup.load > 0.0 {
                assert!(queue.tally().last_24h().offered > 0, "{}", queue.setup.name);
            }
            assert!(centre.figures(position).longest_wait < 3_600);
        }
    }
}

#[test]
fn something_happens_every_other_second() {
    let mut centre = floor(1);
    let mut changes = 0;
    for _ in 0..300 {
        let before: Vec<_> = (0..centre.queues().len()).map(|at| centre.figures(at)).collect();
        centre.advance(Duration::from_secs(2));
        let after: Vec<_> = (0..centre.queues().len()).map(|at| centre.figures(at)).collect();
        changes += u32::from(before != after);
    }
    assert!(changes > 240, "{changes} of 300");
}

#[test]
fn usually_one_queue_is_in_trouble_and_most_are_fine() {
    let (mut looks, mut troubled, mut fine, mut all) = (0, 0, 0, 0);
    for seed in 1..=6 {
        let mut centre = floor(seed);
        for _ in 0..60 {
            centre.advance(MINUTE);
            looks += 1;
            let open = (0..centre.queues().len())
                .map(|position| centre.figures(position))
                .filter(|figures| figures.open)
                .collect::<Vec<_>>();
            let critical = |waiting: u64, wait: u64| waiting >= 3 || wait >= 60;
            let bad = open.iter().any(|of| critical(of.waiting, of.longest_wait));
            troubled += i32::from(bad);
            fine += open.iter().filter(|of| of.waiting == 0).count();
            all += open.len();
        }
    }
    assert!(troubled * 2 > looks, "{troubled} of {looks}");
    assert!(fine * 10 > all * 7, "{fine} of {all}");
}

#[test]
fn an_agent_who_is_logged_out_by_hand_stays_out() {
    let mut centre = floor(1);
    let (support, nadia) = (queue(&centre, "support"), agent(&centre, "nadia.farouk"));
    assert!(centre.order(nadia, support, Order::LogOut));
    for _ in 0..200 {
        centre.advance(15 * MINUTE);
        let found = &centre.agents()[nadia];
        assert!(!found.membership(support).unwrap().logged_in);
        assert!(!matches!(found.state(), AgentState::Alerting { .. } | AgentState::Talking { .. }));
    }
    assert!(centre.order(nadia, support, Order::LogIn));
    assert!(centre.agents()[nadia].membership(support).unwrap().logged_in);
}

#[test]
fn someone_who_is_logged_in_by_hand_comes_to_work() {
    let mut centre = floor(1);
    let (vaxel, robin) = (queue(&centre, "vaxel"), agent(&centre, "supervisor"));
    assert_eq!(centre.agents()[robin].state(), AgentState::Off);
    assert!(centre.order(robin, vaxel, Order::LogIn));
    assert_ne!(centre.agents()[robin].state(), AgentState::Off);
    let took_a_call = (0..3_600).any(|_| {
        centre.advance(Duration::from_secs(1));
        matches!(centre.agents()[robin].state(), AgentState::Talking { .. })
    });
    assert!(took_a_call);
    assert!(centre.order(robin, vaxel, Order::LogOut));
    centre.advance(HOUR);
    assert_eq!(centre.agents()[robin].state(), AgentState::Off);
}

#[test]
fn nobody_is_logged_in_where_they_do_not_belong() {
    let mut centre = floor(1);
    let (billing, robin) = (queue(&centre, "billing"), agent(&centre, "supervisor"));
    assert!(!centre.order(robin, billing, Order::LogIn));
    assert!(!centre.order(usize::MAX, billing, Order::LogIn));
    assert!(!centre.order(robin, usize::MAX, Order::LogIn));
}

#[test]
fn an_entry_comes_due_is_dialled_and_ends() {
    let mut centre = floor(2);
    let entry = centre.entries().find(|entry| entry.state == EntryState::Scheduled).unwrap();
    let id = entry.id.clone();
    let (mut dialled, mut ended) = (false, false);
    for _ in 0..20_000 {
        centre.advance(Duration::from_secs(1));
        let Some(entry) = centre.entries().find(|entry| entry.id == id) else { break };
        match &entry.state {
            EntryState::Scheduled => assert!(!ended),
            EntryState::InProgress { .. } => {
                assert!(entry.due <= centre.now());
                assert!(entry.attempts <= entry.max_attempts);
                dialled = true;
            }
            EntryState::Ended { .. } => ended = true,
        }
    }
    assert!(dialled && ended);
    assert_eq!(centre.remove_entry(&id), Removal::Unknown);
}

#[test]
fn the_evening_queue_is_closed_by_day_and_the_callers_come_at_night() {
    let mut centre = floor(1);
    let jour = queue(&centre, "jour");
    assert!(!centre.figures(jour).open);
    centre.advance(11 * HOUR);
    assert!(centre.figures(jour).open);
    let first = centre.queues()[jour].tally().ever().offered;
    centre.advance(HOUR);
    assert!(centre.queues()[jour].tally().ever().offered > first);
}

#[test]
fn counters_of_the_day_begin_anew_at_midnight() {
    let mut centre = floor(1);
    centre.advance(13 * HOUR + 31 * MINUTE);
    let sales = queue(&centre, "sales");
    let tally = centre.queues()[sales].tally();
    assert_eq!(tally.today().offered, 0);
    assert!(tally.last_24h().offered > 100);
    assert!(tally.ever().offered > tally.last_24h().offered);
}

#[test]
fn every_agent_belongs_to_queues_of_the_same_system() {
    let centre = floor(1);
    for agent in centre.agents() {
        for member in agent.memberships() {
            assert_eq!(centre.queues()[member.queue].setup.vendor, agent.vendor());
        }
    }
    assert!(centre.queues_of(Vendor::Enreach).count() >= 5);
}

#[test]
fn a_scenario_with_a_fault_is_refused_by_name() {
    let good = "start = \"10:30\"\nshift = []\nlist = []\nservice = []\nqueue = []\n";
    let crew = |rest: &str| format!("{good}[[crew]]\nvendor = \"telepo\"\n{rest}");
    let unknown_queue = crew("skills = { nowhere = 1 }\npeople = { a = \"A B\" }");
    let unknown_shift = crew("shift = \"never\"\nskills = {}\npeople = { a = \"A B\" }");
    let bad_time = good.replace("10:30", "25:00");
    assert!(matches!(
        Scenario::parse(&unknown_queue),
        Err(ScenarioError::UnknownQueue { key }) if key == "nowhere"
    ));
    assert!(matches!(
        Scenario::parse(&unknown_shift),
        Err(ScenarioError::UnknownShift { name }) if name == "never"
    ));
    assert!(matches!(Scenario::parse(&bad_time), Err(ScenarioError::Unreadable { .. })));
}
