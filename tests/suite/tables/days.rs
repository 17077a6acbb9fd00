//! Figures of a day are shown while that day lasts in the queue's own zone, and not after it.

use std::time::Duration;

use floorwalker::event::{Event, SourceEvent};
use floorwalker::floor::Part;
use floorwalker::floor::queue::Queue;
use floorwalker::floor::time::Now;
use floorwalker::source::enreach::events::map::Mapper;
use floorwalker::source::settings::EnreachSettings;
use floorwalker::table::TableId;
use serde_json::{Value, json};

use super::{report, row};
use crate::support::desk::{Desk, START, up};
use crate::support::enreach::{QUEUE, read, settings, wall, with};

/// A board at that time, whose Helsinki has one queue that was read just now.
fn at(time: &str) -> Desk {
    let mut desk = Desk::silent(floorwalker::operations::Access::Full);
    set(&mut desk, time);
    let mut feed = up("queues");
    feed.last_update = Some(desk.state.now.moment);
    desk.tell("helsinki", SourceEvent::Link(feed));
    let queue = Queue {
        id: QUEUE.into(),
        updated: desk.state.now.moment,
        ..crate::support::desk::queue("any", "Asiakaspalvelu")
    };
    desk.tell("helsinki", SourceEvent::Snapshot(Part::Queues(vec![queue])));
    desk
}

/// The clock says so now.
fn set(desk: &mut Desk, time: &str) {
    let since = wall(time) - wall("2026-01-01T00:00:00Z");
    let moment = START.after(Duration::from_secs(since.num_seconds().unsigned_abs()));
    desk.event(Event::Tick(Now { moment, wall: wall(time) }));
}

fn tell(desk: &mut Desk, settings: &EnreachSettings, event: &Value) {
    let mapper = Mapper::new(settings);
    for news in mapper.news(&read(event), &desk.state.now) {
        desk.tell("helsinki", news);
    }
}

/// Counts of a day, told at that time.
fn day(date: &str, time: &str) -> Value {
    let changes = json!({"QueueDate": date, "Timestamp": time, "InboundTotalCalls": 412});
    with("QueueDailyCallMetrics", &changes)
}

/// The queue's settings with that region.
fn region(name: &str, time: &str) -> Value {
    with("QueueChanged", &json!({"Region": name, "Timestamp": time}))
}

/// What is known of the day.
fn figures(desk: &Desk) -> [Value; 4] {
    let row = row(TableId::Queues, &report(desk), "id", QUEUE);
    ["offered", "answered", "service_level", "average_wait_s"].map(|name| row[name].clone())
}

fn offered(desk: &Desk) -> Value {
    figures(desk)[0].clone()
}

fn is_told(desk: &Desk) -> bool {
    figures(desk).iter().all(|figure| !figure.is_null())
}

#[test]
fn counts_of_a_day_that_is_over_are_no_figures_of_today() {
    let time = "2026-03-12T14:00:00Z";
    let mut desk = at(time);
    tell(&mut desk, &settings(), &day("2026-03-09", time));
    assert!(figures(&desk).iter().all(Value::is_null), "{:?}", figures(&desk));
    tell(&mut desk, &settings(), &day("2026-03-12", time));
    assert!(is_told(&desk), "{:?}", figures(&desk));
}

#[test]
fn figures_end_with_midnight_in_the_queue_s_region() {
    for (zone, before, after) in [
        ("Europe/Helsinki", "2026-03-12T21:59:59Z", "2026-03-12T22:00:00Z"),
        ("America/New_York", "2026-03-13T03:59:59Z", "2026-03-13T04:00:00Z"),
        ("Asia/Tokyo", "2026-03-12T14:59:59Z", "2026-03-12T15:00:00Z"),
    ] {
        let time = "2026-03-12T14:00:00Z";
        let mut desk = at(time);
        tell(&mut desk, &settings(), &region(zone, time));
        tell(&mut desk, &settings(), &day("2026-03-12", time));
        set(&mut desk, before);
        assert_eq!(offered(&desk), 412, "{zone}");
        set(&mut desk, after);
        assert_eq!(offered(&desk), Value::Null, "{zone}");
        tell(&mut desk, &settings(), &day("2026-03-13", after));
        assert_eq!(offered(&desk), 412, "{zone}: the new day has its own");
    }
}

#[test]
fn the_nights_when_clocks_change_end_at_their_own_midnight() {
    for (date, before, after) in [
        ("2026-03-29", "2026-03-29T20:59:59Z", "2026-03-29T21:00:00Z"),
        ("2026-10-25", "2026-10-25T21:59:59Z", "2026-10-25T22:00:00Z"),
    ] {
        let time = format!("{date}T10:00:00Z");
        let mut desk = at(&time);
        tell(&mut desk, &settings(), &region("Europe/Helsinki", &time));
        tell(&mut desk, &settings(), &day(date, &time));
        set(&mut desk, before);
        assert!(is_told(&desk), "{date}");
        set(&mut desk, after);
        assert!(!is_told(&desk), "{date}");
    }
}

#[test]
fn a_region_that_is_no_zone_leaves_it_to_the_source_s_setting() {
    let time = "2026-03-12T14:00:00Z";
    let mut desk = at(time);
    let own = EnreachSettings { time_zone: Some("Asia/Tokyo".to_owned()), ..settings() };
    tell(&mut desk, &own, &region("Example Region", time));
    tell(&mut desk, &own, &day("2026-03-12", time));
    set(&mut desk, "2026-03-12T14:59:00Z");
    assert_eq!(offered(&desk), 412);
    set(&mut desk, "2026-03-12T15:00:00Z");
    assert_eq!(offered(&desk), Value::Null);
}

#[test]
fn an_earlier_day_never_replaces_a_later_one_in_whatever_order_they_come() {
    let last = |later: bool| {
        let time = "2026-03-12T14:00:00Z";
        let mut desk = at(time);
        let today = with(
            "QueueDailyCallMetrics",
            &json!({"QueueDate": "2026-03-12", "Timestamp": "2026-03-12T13:00:00Z", "InboundTotalCalls": 7}),
        );
        let mut events = [today, day("2026-03-11", "2026-03-12T13:30:00Z")];
        if later {
            events.reverse();
        }
        for event in &events {
            tell(&mut desk, &settings(), event);
        }
        offered(&desk)
    };
    assert_eq!((last(false), last(true)), (json!(7), json!(7)));
}

#[test]
fn counts_without_a_date_are_of_the_day_on_which_they_were_told() {
    let time = "2026-03-12T14:00:00Z";
    let mut desk = at(time);
    let event = with("QueueDailyCallMetrics", &json!({"QueueDate": null, "Timestamp": time}));
    tell(&mut desk, &settings(), &event);
    assert!(is_told(&desk));
    set(&mut desk, "2026-03-12T22:00:00Z");
    assert!(!is_told(&desk), "midnight in Helsinki, as the source is set");
}
