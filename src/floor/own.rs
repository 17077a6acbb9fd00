//! The source's own user: who asks, and with which phones.

use serde::{Deserialize, Serialize};

use crate::floor::id::{AgentId, DeviceId};
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
}

/// A phone.
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

portable!(Own: unseen; user, devices);
