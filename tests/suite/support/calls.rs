//! Calls on a desk, told as they are, and the phones of the source's own user.

use floorwalker::event::SourceEvent;
use floorwalker::floor::call::{CallAction, Direction, Leg, Offer, Party, Phase, Status};
use floorwalker::floor::id::{AgentId, AgentKey, CallId, DeviceId};
use floorwalker::floor::own::{Device, Own};
use floorwalker::floor::time::Told as At;
use floorwalker::floor::{Delta, Part};
use floorwalker::operations::{Access, CallRequest};
use floorwalker::table::RowId;
use floorwalker::text::Shown;

use super::desk::Desk;

/// One call as it is told.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub id: &'static str,
    /// Whose it is, without the domain.
    pub user: &'static str,
    /// How far it is.
    pub phase: Phase,
    /// The number of its state.
    pub token: i64,
    pub offers: &'static [CallAction],
    pub party: &'static str,
    /// Which way it goes.
    pub direction: Direction,
}

/// Anna talks to a caller.
pub const ANNA: Told = Told {
    id: "c1",
    user: "anna",
    phase: Phase::Connected,
    token: 7,
    offers: &[CallAction::Hold, CallAction::Transfer],
    party: "+358405550142",
    direction: Direction::Inbound,
};

/// The own user has joined Anna's call.
pub const MINE: Told = Told {
    id: "m1",
    user: "me",
    token: 3,
    offers: &[],
    party: "sip:anna@hq.example.com",
    direction: Direction::Outbound,
    ..ANNA
};

/// The own user of hq, with two phones.
pub fn own() -> Own {
    let device = |id: &str, name, kind| Device {
        id: DeviceId::new(id),
        name: Shown::clean(name),
        kind: Some(Shown::clean(kind)),
    };
    Own {
        user: AgentId::new("me@hq.example.com"),
        devices: Some(vec![
            device("d1", "Desk 12", "desk phone"),
            device("d2", "Handy", "mobile phone"),
        ]),
        unseen: None,
        places: Some(vec![
            Device { kind: None, ..device("desk", "Skrivbord", "") },
            Device { kind: None, ..device("mobile", "Mobil", "") },
        ]),
        placeless: None,
    }
}

/// A desk that knows its own user, with a call at Anna.
pub fn desk() -> Desk {
    opened(Access::Full)
}

/// The same for somebody with that access.
pub fn opened(access: Access) -> Desk {
    let mut desk = Desk::opened(access);
    desk.tell("hq", SourceEvent::Snapshot(Part::Own(own())));
    tell_calls(&mut desk, &[ANNA]);
    desk
}

/// The row of a call of hq.
pub fn call_row(id: &str) -> RowId {
    RowId::Call("hq".into(), CallId::new(id))
}

/// A reading of everybody's calls, a second later: these, and no others.
pub fn tell_calls(desk: &mut Desk, calls: &[Told]) {
    desk.wait(1);
    let now = desk.state.now;
    let at = At::now(&now, 0);
    for user in ["anna", "bo", "cecilia", "me"] {
        let own = calls.iter().filter(|call| call.user == user);
        let legs = own.map(|call| (CallId::new(call.id), leg(call))).collect();
        let agent = AgentKey::new(format!("{user}@hq.example.com"));
        let told = Delta::Legs { agent, told: at, full: true, met: false, legs };
        desk.tell("hq", SourceEvent::Delta(told));
    }
}

fn leg(call: &Told) -> Leg {
    let status = match call.phase {
        Phase::Alerting => Status::Ringing,
        Phase::Held => Status::Held,
        _ => Status::Active,
    };
    let text = Shown::clean(call.party);
    let party = match call.party.starts_with("sip:") {
        true => Party { uri: Some(text), ..Party::default() },
        false => Party { number: Some(text), ..Party::default() },
    };
    Leg {
        party: Some(party),
        direction: Some(call.direction),
        token: Some(call.token),
        offers: call
            .offers
            .iter()
            .map(|action| Offer { action: *action, devices: Vec::new() })
            .collect(),
        ..Leg::new(
            AgentId::new(format!("{}@hq.example.com", call.user)),
            CallId::new(call.id),
            status,
        )
    }
}

/// An action on a call that takes nothing.
pub fn plain(action: CallAction) -> CallRequest {
    CallRequest::plain(action).unwrap()
}

/// An action on a call with its device or destination.
pub fn with(action: CallAction, to: &str) -> CallRequest {
    CallRequest::with(action, to).unwrap()
}
