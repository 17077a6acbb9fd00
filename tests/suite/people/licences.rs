//! Tickets that open less: what is missing is named, and the rest works.

use floorwalker::floor::World;
use floorwalker::floor::id::{AgentId, FeedName};
use floorwalker::simulator::{self, Settings, Simulator};
use floorwalker::source::gaze::Looked;
use floorwalker::table::{Context, RowId, TableId};
use reqwest::{Client, Method};
use serde_json::Value;

use crate::support::town::{APIS, Town};

/// A ticket for all of them but one.
async fn ticket_without(simulator: &Simulator, api: &str) -> String {
    let client = Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let url =
        format!("http://{}/telepo/api/usertickets/example.com/supervisor", simulator.address());
    let apis = APIS.iter().filter(|own| **own != api).map(|own| ("api", *own));
    let query: Vec<_> = apis.chain([("platform", "other")]).collect();
    let request = client.request(Method::POST, url).query(&query).bearer_auth("sim-ticket");
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

/// A board with such a ticket, which looks at somebody.
async fn without(api: &str) -> Town {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = Settings { speed: 0.0, ..Settings::default() };
    let simulator = simulator::start(settings).await.unwrap();
    let ticket = ticket_without(&simulator, api).await;
    let town = Town::on(simulator, None, |config| config.replace("sim-ticket", &ticket));
    let selected = vec![AgentId::new("elsa.norrby@example.com")];
    town.handles[0].look(Looked { selected, ..Looked::default() });
    town
}

/// What a feed lacks, in words.
fn lacks(world: &World, feed: &str) -> String {
    let feed = world.feed(&FeedName::new(feed));
    feed.and_then(|feed| feed.error()).map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn each_api_that_a_ticket_lacks_is_named_where_it_is_missed_and_the_rest_works() {
    for (api, feed, words) in [
        ("QUEUE_STATISTICS", "queues", "Supervisor licence"),
        ("CALL_CONTROL", "calls", "Cloud CTI"),
        ("CONTACT_SEARCH", "calls", "CONTACT_SEARCH"),
        ("USER", "phones", "the user's devices"),
        ("USER", "presence", "user-information API"),
        ("DISTRIBUTION_GROUP", "callbacks", "distribution-group API"),
        ("ACD", "agents", "ACD"),
    ] {
        let mut town = without(api).await;
        town.until(&format!("{words} is named without {api}"), |_, world| {
            lacks(world, feed).contains(words)
        })
        .await;
        town.until(&format!("queues without {api}"), |_, world| !world.queues.is_empty()).await;
        if api != "ACD" {
            town.until(&format!("agents without {api}"), |_, world| !world.agents.is_empty()).await;
        }
        for other in ["queues", "agents", "calls", "phones", "callbacks", "presence"] {
            let error = lacks(town.world(), other);
            let own = other == feed || api == "USER" || api == "ACD";
            assert!(error.is_empty() || own, "without {api}, {other} says {error}");
        }
    }
}

#[tokio::test]
async fn what_a_whole_source_lacks_is_read_among_the_sources_on_a_screen_of_any_size() {
    let mut town = without("CALL_CONTROL").await;
    town.until("the refusal", |_, world| lacks(world, "calls").contains("Cloud CTI")).await;
    let row = [RowId::Source("hq".into())];
    let text = |context: &Context<'_>| {
        let page = TableId::Sources.page(context, &row);
        page[0].cells.iter().map(|cell| &*cell.text).collect::<Vec<_>>().join(" ")
    };
    let screen = text(&town.state.context());
    assert!(screen.contains("calls: ") && screen.contains("Cloud CTI"), "{screen}");
    let report = Context { live: false, ..town.state.context() };
    assert!(!text(&report).contains("Cloud CTI"), "a report has it with its feed");
}

#[tokio::test]
async fn a_ticket_that_may_not_call_is_named_where_somebody_is_called_back() {
    let mut town = without("CALLS").await;
    town.until("callers and places", |_, world| {
        world.callbacks.values().next().is_some()
            && world.own.as_ref().is_some_and(|own| own.places.is_some())
    })
    .await;
    town.press("5 f f g b enter");
    let command = crate::support::desk::only(
        &town
            .press("y")
            .into_iter()
            .filter(|effect| *effect != floorwalker::state::Effect::Remember)
            .collect::<Vec<_>>(),
    );
    let outcome = town.carry_out(command).await;
    assert_eq!(outcome.word(), "refused");
    let why = outcome.detail().unwrap();
    assert!(why.contains("CALLS API"), "{why}");
}
