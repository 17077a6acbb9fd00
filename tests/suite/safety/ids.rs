//! An id that is empty or a dot segment never leaves, at any operation of any source.

use floorwalker::config::Config;
use floorwalker::floor::callback::CallbackState;
use floorwalker::floor::id::AgentId;
use floorwalker::floor::profile;
use floorwalker::operations::{
    Access, CallAction, CallRequest, Card, Command, CommandId, Control, Outcome, Request,
    SupervisionMode, Wish,
};
use floorwalker::source::handles;
use floorwalker::source::telepo::operations::OPERATIONS;
use floorwalker::text::Shown;

use crate::support::calls::{plain, with};
use crate::support::scripted::Scripted;

/// What no id may be.
const BAD: [&str; 8] = ["", " ", ".", "..", "%2e", "%2E%2e", ".%2E", "%252e%252e"];

/// One of every request, and of every action on a call. Each id is the next that `id` gives.
pub(super) fn requests(id: &mut dyn FnMut() -> String) -> Vec<Request> {
    let mut all = vec![
        Request::LogIn { queue: id().as_str().into(), agent: Some(AgentId::new(id())) },
        Request::LogOut { queue: id().as_str().into(), agent: Some(AgentId::new(id())) },
        Request::LogIn { queue: id().as_str().into(), agent: None },
        Request::EditEntry {
            entry: id().as_str().into(),
            wish: Wish::default(),
            was: Wish::default(),
        },
        Request::RemoveEntry { entry: id().as_str().into() },
        Request::UpdateTask { task: id().as_str().into(), wish: Wish::default() },
        Request::RemoveTask { task: id().as_str().into() },
        Request::AddContact {
            book: id().as_str().into(),
            contact: id().as_str().into(),
            card: Card::default(),
        },
        Request::UpdateContact {
            book: id().as_str().into(),
            contact: id().as_str().into(),
            card: Card::default(),
            was: Card::default(),
        },
        Request::RemoveContacts {
            book: id().as_str().into(),
            contacts: vec![id().as_str().into(), id().as_str().into()],
        },
        Request::Assign { callback: id().as_str().into(), state: CallbackState::Taken, note: None },
        Request::SetPresence {
            agent: Some(AgentId::new(id())),
            wish: profile::Wish::Note(Shown::default()),
        },
        Request::SetPresence {
            agent: None,
            wish: profile::Wish::Activity { id: id(), name: Shown::default(), until: None },
        },
        Request::SetPresence {
            agent: None,
            wish: profile::Wish::Role { id: id(), name: Shown::default() },
        },
        Request::Control(Control::Supervise {
            agent: AgentId::new(id()),
            device: id().as_str().into(),
            mode: SupervisionMode::Monitor,
        }),
        Request::Control(Control::CallBack {
            callback: id().as_str().into(),
            to: id(),
            place: id().as_str().into(),
        }),
    ];
    for request in call_requests(id) {
        all.push(Request::Control(Control::Call {
            call: id().as_str().into(),
            handle: id().as_str().into(),
            user: AgentId::new(id()),
            token: Some(1),
            request,
        }));
    }
    all
}

/// One of every action.
fn call_requests(id: &mut dyn FnMut() -> String) -> Vec<CallRequest> {
    vec![
        with(CallAction::Answer, &id()),
        plain(CallAction::Hold),
        plain(CallAction::Resume),
        plain(CallAction::Mute),
        plain(CallAction::Unmute),
        plain(CallAction::Park),
        with(CallAction::Move, &id()),
        plain(CallAction::StartRecording),
        plain(CallAction::StopRecording),
        with(CallAction::Transfer, &id()),
        with(CallAction::CampOn, &id()),
        with(CallAction::PickUp, &id()),
        plain(CallAction::SaveRecording),
        plain(CallAction::DiscardRecording),
        plain(CallAction::PauseRecording),
        plain(CallAction::ResumeRecording),
        plain(CallAction::Clear),
    ]
}

/// A source of every kind at that server.
pub(super) fn config(server: &Scripted) -> Config {
    let text = format!(
        r#"
[[source]]
name = "telepo"
kind = "telepo"
base_url = "{url}"
domain = "example.com"
user = "supervisor"
ticket = "t"
[[source]]
name = "enreach"
kind = "enreach"
username = "wall@example.com"
secret_key = "s"
api_url = "{url}"
[[source]]
name = "nimbus"
kind = "nimbus"
base_url = "{url}"
token = "t"
[[source]]
name = "relay"
kind = "relay"
url = "{url}"
token = "t"
"#,
        url = server.url("/base")
    );
    Config::parse(&text, true).unwrap()
}

#[tokio::test]
async fn no_request_of_any_source_leaves_with_an_id_that_names_something_else() {
    let server = Scripted::untouched().await;
    let sources = handles(&config(&server).sources, Access::Full).unwrap();
    assert_eq!(sources.len(), 4);
    let mut slots = 0;
    requests(&mut || {
        slots += 1;
        "good".to_owned()
    });
    let mut refused = 0;
    for slot in 0..slots {
        for bad in BAD {
            let mut next = 0;
            let all = requests(&mut || {
                next += 1;
                if next == slot + 1 { bad.to_owned() } else { "good".to_owned() }
            });
            let spoilt: Vec<Request> =
                all.into_iter().filter(|request| request.check_ids().is_err()).collect();
            assert_eq!(spoilt.len(), 1, "slot {slot} with {bad:?}: {spoilt:?}");
            for request in spoilt {
                for source in &sources {
                    let command = Command {
                        id: CommandId(1),
                        source: source.name.clone(),
                        request: request.clone(),
                        target: Shown::default(),
                        place: Shown::default(),
                    };
                    let outcome = source.execute(command).await;
                    let Outcome::Failed(why) = &outcome else { panic!("{request:?}: {outcome:?}") };
                    assert!(why.contains("nothing was sent"), "{why}");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(refused, slots * BAD.len() * sources.len());
    assert_eq!(server.count(), 0, "{:?}", server.seen());
}

#[test]
fn user_and_domain_of_a_person_count_each() {
    for person in ["@example.com", "..@example.com", "anna@", "anna@.."] {
        let request = Request::LogIn { queue: "21".into(), agent: Some(AgentId::new(person)) };
        let fault = request.check_ids().unwrap_err().to_string();
        assert!(fault.contains("user"), "{person}: {fault}");
    }
    let request =
        Request::LogIn { queue: "21".into(), agent: Some(AgentId::new("anna@x.example")) };
    assert_eq!(request.check_ids(), Ok(()));
}

#[test]
fn no_path_of_telepo_is_filled_with_a_value_that_climbs() {
    for operation in OPERATIONS {
        let asked = operation.configured(&[].into()).unwrap();
        let names: Vec<&str> =
            operation.path.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect();
        for spoilt in &names {
            for bad in BAD {
                let values: Vec<(&str, &str)> = names
                    .iter()
                    .map(|name| (*name, if name == spoilt { bad } else { "good" }))
                    .collect();
                let url = asked.url("http://host/api", &values, &[]);
                assert!(url.is_err(), "{} with {spoilt} = {bad:?}: {url:?}", operation.id);
            }
        }
        let values: Vec<(&str, &str)> = names.iter().map(|name| (*name, "good")).collect();
        assert!(asked.url("http://host/api", &values, &[("a", "")]).is_ok(), "{}", operation.id);
    }
}

#[test]
fn a_domain_or_a_user_that_climbs_is_named_when_the_config_file_is_read() {
    for (domain, user) in
        [("..", "supervisor"), ("", "supervisor"), ("example.com", "."), ("%2e", "x")]
    {
        let text = format!(
            "[[source]]\nname = \"hq\"\nkind = \"telepo\"\nbase_url = \"http://127.0.0.1:1/api\"\n\
             domain = \"{domain}\"\nuser = \"{user}\"\nticket = \"t\"\n"
        );
        let error = format!("{:?}", Config::parse(&text, true).unwrap_err());
        assert!(error.contains("stands in the paths of all requests"), "{domain} {user}: {error}");
    }
}
