//! Tasks of other systems at a simulated Nimbus: what its triggers tell of what was asked.

use std::time::Duration;

use floorwalker::clock;
use floorwalker::event::{Event, Stamped};
use floorwalker::floor::call::Phase;
use floorwalker::floor::id::{AgentKey, TaskId};
use floorwalker::floor::link::Link;
use floorwalker::operations::{Command, CommandId, Field, Outcome, Request, Value, Wish};
use floorwalker::simulator::{Simulator, Sins, Spoil};

use super::triggers::{Board, simulator};

fn wish(service: &str, name: &str) -> Wish {
    let mut wish = Wish::default();
    wish.set(Field::Service, Value::Text(service.to_owned()));
    wish.set(Field::DisplayName, Value::Text(name.to_owned()));
    wish
}

async fn open(folder: &std::path::Path) -> (Simulator, Board, String) {
    let simulator = simulator(Sins::NONE).await;
    let mut board = Board::at(&simulator, folder);
    board.until("it is registered", |board| board.feed() == Some(Link::Live)).await;
    let service = simulator.change(|centre| centre.services()[0].upn().to_owned());
    (simulator, board, service)
}

impl Board {
    /// Asks for a change as the runtime does, and takes in what came of it.
    async fn ask(&mut self, request: Request) -> Outcome {
        let (source, target, place) = ("nimbus".into(), "it".into(), "there".into());
        let command = Command { id: CommandId(0), source, request, target, place };
        let command = self.state.ask_for(command);
        let outcome = self.handles[0].execute(command.clone()).await;
        let event = Event::Finished { id: command.id, outcome: outcome.clone() };
        self.state.apply(Stamped { at: clock::moment(), event });
        outcome
    }

    fn word(&self) -> &'static str {
        self.state.pending.last().map_or("nothing", |pending| pending.word())
    }

    /// The task of a customer of that name.
    fn task_of(&self, name: &str) -> Option<TaskId> {
        let books = &self.world().books;
        let mut tasks = self.world().tasks.values();
        tasks.find(|task| task.customer(books).as_deref() == Some(name)).map(|task| task.id.clone())
    }
}

#[tokio::test]
async fn an_addition_whose_answer_was_lost_is_told_by_the_trigger() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, mut board, service) = open(folder.path()).await;
    simulator.spoil(Spoil {
        method: "POST",
        path: "/v1/ExternalTasks",
        status: Some(504),
        after: Duration::from_millis(100),
        acts: true,
        times: 1,
    });
    let outcome = board.ask(Request::AddTask { wish: wish(&service, "Ada Byron") }).await;
    assert_eq!(outcome.word(), "unknown", "{outcome:?}");
    board.until("the trigger tells", |board| board.word() == "done").await;
    assert!(board.task_of("Ada Byron").is_some());
    board.part().await;
    simulator.stop().await;
}

#[tokio::test]
async fn what_a_task_is_updated_with_comes_back_by_its_events_and_its_removal_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, mut board, service) = open(folder.path()).await;
    // Nothing else happens on the floor from here on but what is asked.
    let outcome = board.ask(Request::AddTask { wish: wish(&service, "Grace Hopper") }).await;
    assert_eq!((outcome.word(), board.word()), ("done", "done"));
    board.until("it is told", |board| board.task_of("Grace Hopper").is_some()).await;
    let task = board.task_of("Grace Hopper").unwrap();
    let mut update = Wish::default();
    update.set(Field::Parameters, Value::Pairs(vec![("tier".into(), "gold".into())]));
    let request = Request::UpdateTask { task: task.clone(), wish: update };
    let outcome = board.ask(request).await;
    // At this speed the task may have ended by itself.
    if outcome == Outcome::Done {
        board
            .until("the parameter is told", |board| {
                board.world().tasks.get(&task).is_none_or(|own| {
                    let told = own.facts.parameter.as_ref();
                    told.is_some_and(|(name, value)| (&**name, &**value) == ("tier", "gold"))
                        || own.phase == Some(Phase::Ended)
                })
            })
            .await;
    }
    board.part().await;
    simulator.stop().await;
}

#[tokio::test]
async fn whoever_a_task_goes_to_is_an_agent_who_talks() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, mut board, service) = open(folder.path()).await;
    let mut new = wish(&service, "Ada Byron");
    let alma = "alma@example.com".to_owned();
    new.set(Field::Preferred, Value::People(vec![(alma.clone(), Some(1))]));
    assert_eq!(board.ask(Request::AddTask { wish: new }).await.word(), "done");
    let key = AgentKey::new(&alma);
    board
        .until("alma is busy, and afterwards unknown", |board| {
            board.world().agents.get(&key).is_some_and(|agent| agent.state.word() == "talking")
        })
        .await;
    board.part().await;
    simulator.stop().await;
}
