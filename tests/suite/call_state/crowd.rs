//! Ten thousand agents: the screen goes from the first to the last, and what it shows is fresh.

#![expect(clippy::print_stderr, reason = "the figures of a run by hand")]

use std::collections::BTreeSet;
use std::time::Duration;

use floorwalker::clock;
use floorwalker::floor::agent::AgentState;
use floorwalker::floor::id::{AgentId, AgentKey};
use floorwalker::floor::time::Moment;
use floorwalker::simulator::{Settings, Size};

use super::board::{Board, agent_of, id, world};

/// How many stand on the screen at a time.
const PAGE: usize = 40;

const BUDGET: usize = 64;

/// The most streams that were opened within a second.
fn most_within_a_second(opened: &[Moment]) -> usize {
    let second = Duration::from_secs(1);
    let from = |place: usize| {
        opened[place..].iter().take_while(|own| own.since(opened[place]) < second).count()
    };
    (0..opened.len()).map(from).max().unwrap_or(0)
}

/// Who of these has a call now, by the centre.
fn busy(board: &Board, page: &[AgentId]) -> Vec<AgentId> {
    board.simulator.change(|floor| {
        let busy: BTreeSet<AgentId> =
            floor.calls().filter_map(agent_of).map(|agent| id(&floor.agents()[agent])).collect();
        page.iter().filter(|own| busy.contains(own)).cloned().collect()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a minute and a half: ten thousand agents from top to bottom"]
async fn from_the_first_of_ten_thousand_to_the_last_every_page_is_fresh_and_no_budget_is_passed() {
    let settings = Settings { size: Size::Large, ..Settings::default() };
    let mut board = Board::open(settings).await;
    let everybody: Vec<AgentId> =
        world(&board.state).agents.values().filter_map(|agent| agent.id.clone()).collect();
    let (mut slowest, mut stays, mut seen) = (Duration::ZERO, 0, 0);
    for (number, page) in everybody.chunks(PAGE).enumerate() {
        board.look(&page[..1], &page[1..]);
        if number % 10 != 9 {
            let until = clock::moment().after(Duration::from_millis(200));
            board.until("the next page", |_| clock::moment() >= until).await;
            continue;
        }
        // Here the reader stays: whoever is on the phone shows as such.
        let busy = busy(&board, page);
        let came = clock::moment();
        board
            .until("the page", |state| {
                busy.iter().all(|own| {
                    let agent = &world(state).agents[&AgentKey::new(own.raw())];
                    !agent.presence.calls.is_empty() && agent.state != AgentState::Available
                })
            })
            .await;
        slowest = slowest.max(clock::moment().since(came));
        (stays, seen) = (stays + 1, seen + busy.len());
        let until = came.after(Duration::from_millis(2_500));
        board.until("the streams", |_| clock::moment() >= until).await;
    }
    let streams = board.simulator.streams();
    let rate = most_within_a_second(&streams.opened);
    eprintln!(
        "{} agents, {stays} stays with {seen} people in calls: the slowest page fresh after {slowest:?}; {} streams \
         opened, at most {} at once and {rate} within a second",
        everybody.len(),
        streams.opened.len(),
        streams.most,
    );
    assert!(everybody.len() == 10_000 && seen > 0);
    assert!(slowest <= Duration::from_secs(2));
    // One of them is the stream of the queues, which the simulator does not count here.
    assert!(streams.most < BUDGET && rate <= 5);
}
