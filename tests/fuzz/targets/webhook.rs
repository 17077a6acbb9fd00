//! The body of a webhook: any bytes are refused, or are an event that changes the floor and never breaks it.
#![no_main]

use std::time::Duration;

use floorwalker::event::SourceEvent;
use floorwalker::floor::time::{Moment, Now};
use floorwalker::floor::{Kind, World};
use floorwalker::source::enreach::events::{decode, map::Mapper};
use floorwalker::transport::lenient::Tally;
use floorwalker::source::nimbus::events::{self as posted, map::Mapper as Words};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    nimbus(data);
    let Ok(event) = decode(data, Default::default(), &mut Tally::default()) else { return };
    let mapper = Mapper::of(vec![4], 1.0);
    let mut world = World::new(Kind::Enreach);
    let now = Now { moment: Moment::from_millis(3_600_000), wall: Default::default() };
    for _ in 0..2 {
        for news in mapper.news(&event, &now) {
            if let SourceEvent::Delta(delta) = news {
                world.apply(delta);
            }
        }
    }
    world.tick(now.moment.after(Duration::from_secs(86_400)));
});

/// The same of Nimbus's events.
fn nimbus(data: &[u8]) {
    let mut tally = Tally::default();
    let Ok(event) = posted::decode(data, &mut tally) else { return };
    let words = Words::of(Duration::from_secs(4 * 3_600));
    let mut world = World::new(Kind::Nimbus);
    for second in [0, 90] {
        let now = Now { moment: Moment::from_millis(3_600_000 + second * 1_000), wall: Default::default() };
        for news in words.news(&event, &now, &mut tally) {
            if let SourceEvent::Delta(delta) = news {
                world.apply(delta);
            }
        }
    }
    world.tick(Moment::from_millis(90_000_000));
}
