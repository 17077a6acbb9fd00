//! The source's own user: who asks, and with which phones.

use serde::{Deserialize, Serialize};

use crate::floor::World;
use crate::floor::call::{Call, Direction, Phase, Status};
use crate::floor::id::{AgentId, AgentKey, DeviceId};
use crate::floor::portable::portable;
use crate::text::Shown;

/// The user whose ticket a source reads and acts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// How requests name the person.
    pub user: AgentId,
    /// The phones that can ring now; `None` where the vendor does not tell.
    pub devices: Option<Vec<Device>>,
    /// What the person's ticket or licence keeps from being seen, and why.
    pub unseen: Option<Shown>,
    /// The places at which the person takes calls that are set up for them; `None` where the vendor does not tell.
    #[serde(default)]
    pub places: Option<Vec<Device>>,
    /// Why those are not told.
    #[serde(default)]
    pub placeless: Option<Shown>,
}

/// A phone, or another place where a call is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// How requests name it.
    pub id: DeviceId,
    /// What its owner calls it.
    pub name: Shown,
    /// What it is, in plain words: `desk phone`.
    pub kind: Option<Shown>,
}

impl Own {
    /// The phone of that id.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().flatten().find(|device| &device.id == id)
    }

    /// The place of that id.
    pub fn place(&self, id: &DeviceId) -> Option<&Device> {
        self.places.iter().flatten().find(|place| &place.id == id)
    }
}

impl World {
    /// The own user's call that joins a call of `agent`: what is dialled then is the agent's address.
    pub fn supervision_of(&self, agent: &AgentId) -> Option<&Call> {
        let own = self.own.as_ref()?;
        let name = self.agents.get(&AgentKey::new(agent.raw())).map(|agent| &agent.name);
        self.calls.values().find(|call| {
            let Some(leg) = call.leg().filter(|leg| leg.user == own.user) else { return false };
            let Some(party) = leg.party.as_ref() else { return false };
            let address = party.uri.as_deref().and_then(|uri| uri.strip_prefix("sip:"));
            let same = |own: &str| own.eq_ignore_ascii_case(agent.raw());
            call.phase.is_some_and(Phase::is_here)
                && leg.direction == Some(Direction::Outbound)
                && (address.is_some_and(same) || name.is_some() && party.name.as_ref() == name)
        })
    }
}

impl World {
    /// Whether the own user has a call to that number that rings there, or more.
    pub fn has_called(&self, number: &str) -> bool {
        let Some(own) = &self.own else { return false };
        let reached =
            |status: &Status| matches!(status, Status::Ringing | Status::Active | Status::Held);
        self.calls.values().filter_map(Call::leg).any(|leg| {
            let party = leg.party.as_ref();
            let numbers = party.into_iter().flat_map(|party| [&party.number, &party.uri]);
            leg.user == own.user
                && leg.direction == Some(Direction::Outbound)
                && reached(&leg.status)
                && numbers.flatten().any(|other| is_same_number(other, number))
        })
    }
}

/// Whether two numbers are one, with the country's code or without it.
fn is_same_number(one: &str, other: &str) -> bool {
    let digits = |text: &str| -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    let (one, other) = (digits(one), digits(other));
    !one.is_empty() && !other.is_empty() && (one.ends_with(&other) || other.ends_with(&one))
}

impl Device {
    /// Its name, and what it is where the name does not say: “Reception (desk phone)”.
    pub fn label(&self) -> Shown {
        match &self.kind {
            Some(kind) if !self.name.to_lowercase().contains(&kind.to_lowercase()) => {
                Shown::clean(&format!("{} ({kind})", self.name))
            }
            _ => self.name.clone(),
        }
    }
}

portable!(Own: unseen, placeless; user, devices, places);
