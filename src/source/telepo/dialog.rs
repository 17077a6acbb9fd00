//! The dialogs of one user or contact, by `application/dialog-info+xml` (RFC 4235).
//!
//! A full document replaces what is known, a partial one changes what it names. By the letter (section 4.3) a
//! partial document counts only if it is exactly one behind the last; servers that always send `version="0"` and
//! `state="full"` are taken at their word.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::floor::call::{Direction, Party};
use crate::floor::time::Moment;
use crate::source::telepo::markup::{self, Element, MarkupError};
use crate::text::Shown;

/// The namespace.
const NAMESPACE: &str = "urn:ietf:params:xml:ns:dialog-info";

/// Dialogs of one user that are kept: more are no phone's.
const MOST: usize = 256;

/// How long a dialog may ring without an end being told: an INVITE that is not answered is cancelled after three
/// minutes (RFC 3261, timer C), and whoever wants it longer rings anew.
const RINGS: Duration = Duration::from_secs(200);

/// One document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its number in the series; `None` where it does not say.
    pub version: Option<u32>,
    /// Whether it tells of all dialogs.
    pub full: bool,
    /// Whose dialogs.
    pub entity: Option<String>,
    /// The dialogs, by their identity within the series.
    pub dialogs: Vec<(String, Dialog)>,
}

/// One dialog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialog {
    /// The call that it belongs to.
    pub call_id: Option<String>,
    /// The tag on the user's side.
    pub local_tag: Option<String>,
    /// The tag on the other side.
    pub remote_tag: Option<String>,
    /// Which way it goes, seen from the user.
    pub direction: Option<Direction>,
    /// How far it is.
    pub state: DialogState,
    /// Why it is so: `cancelled`, `rejected`, `remote-bye` and so on.
    pub event: Option<Shown>,
    /// Seconds since it began.
    pub duration: Option<u32>,
    /// The other end.
    pub party: Option<Party>,
    /// Whether the user's device plays nothing of it (`+sip.rendering`, RFC 4235, section 5).
    pub held: bool,
}

/// How far a dialog is (RFC 4235, section 3.7.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum DialogState {
    /// Over.
    #[default]
    Terminated,
    /// Asked for.
    Trying,
    /// Answered provisionally, without a tag.
    Proceeding,
    /// Answered provisionally, with a tag.
    Early,
    /// The two speak.
    Confirmed,
}

/// The one word for a user's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lamp {
    /// No dialog.
    Idle,
    /// It calls, or may be.
    Dialling,
    /// It rings.
    Ringing,
    /// In a call, the other end on hold.
    OnHold,
    /// In a call.
    InCall,
}

/// What came of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// What it tells is known now.
    Applied,
    /// It is older than what is known.
    Old,
    /// Something between was lost: the full state has to be fetched.
    Gap,
}

/// The dialogs of one stream, put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialogs {
    version: Option<u32>,
    known: bool,
    /// Each with the moment since when it is in its state.
    all: BTreeMap<String, (Dialog, Moment)>,
}

impl Dialog {
    /// The lamp of this dialog alone.
    pub const fn lamp(&self) -> Lamp {
        match (self.state, self.direction) {
            (DialogState::Terminated, _) => Lamp::Idle,
            (DialogState::Confirmed, _) if self.held => Lamp::OnHold,
            (DialogState::Confirmed, _) => Lamp::InCall,
            (_, Some(Direction::Inbound)) => Lamp::Ringing,
            (_, Some(Direction::Outbound) | None) => Lamp::Dialling,
        }
    }
}

impl Dialogs {
    /// Takes a document in.
    pub fn take(&mut self, document: Document, at: Moment) -> Taken {
        if document.full {
            let former = std::mem::take(&mut self.all);
            for (id, dialog) in document.dialogs {
                // A dialog that is told of again in the same state is in it since it was first told of.
                let since = former.get(&id).filter(|(own, _)| own.state == dialog.state);
                let since = since.map_or(at, |(_, since)| *since);
                self.keep(id, dialog, since);
            }
            (self.version, self.known) = (document.version, true);
            return Taken::Applied;
        }
        match (self.known, self.version, document.version) {
            (false, ..) => return Taken::Gap,
            (true, Some(known), Some(own)) if own <= known => return Taken::Old,
            (true, Some(known), Some(own)) if own > known.saturating_add(1) => return Taken::Gap,
            _ => {}
        }
        self.version = document.version.or(self.version);
        for (id, dialog) in document.dialogs {
            let since = self.all.get(&id).filter(|(own, _)| own.state == dialog.state);
            let since = since.map_or(at, |(_, since)| *since);
            self.keep(id, dialog, since);
        }
        Taken::Applied
    }

    /// A stream was opened anew: its versions begin anew too.
    pub fn reopened(&mut self) {
        (self.version, self.known) = (None, false);
    }

    /// Lets go what has rung for longer than anything rings; whether anything had.
    pub fn expire(&mut self, now: Moment) -> bool {
        let before = self.all.len();
        let rings = |dialog: &Dialog| dialog.state != DialogState::Confirmed;
        self.all.retain(|_, (dialog, since)| !rings(dialog) || now.since(*since) <= RINGS);
        self.all.len() != before
    }

    /// The dialogs that go on, by identity.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Dialog)> {
        self.all.iter().map(|(id, (dialog, _))| (id.as_str(), dialog))
    }

    /// The lamp: in a call before ringing, ringing before dialling.
    pub fn lamp(&self) -> Lamp {
        self.iter().map(|(_, dialog)| dialog.lamp()).max().unwrap_or(Lamp::Idle)
    }

    fn keep(&mut self, id: String, dialog: Dialog, since: Moment) {
        if dialog.state == DialogState::Terminated {
            self.all.remove(&id);
        } else if self.all.len() < MOST || self.all.contains_key(&id) {
            self.all.insert(id, (dialog, since));
        }
    }
}

/// Reads one document.
///
/// # Errors
/// A document that cannot be read, or is none of these.
pub fn read(document: &str) -> Result<Document, MarkupError> {
    let root = markup::read(document, (NAMESPACE, "dialog-info"), "dialog-info")?;
    let dialogs = root.all("dialog").enumerate().map(|(place, own)| {
        let id = own.attribute("id").map_or_else(|| format!("dialog {place}"), ToOwned::to_owned);
        (id, dialog(own))
    });
    Ok(Document {
        version: root.attribute("version").and_then(|version| version.parse().ok()),
        full: root.attribute("state") != Some("partial"),
        entity: root.attribute("entity").map(ToOwned::to_owned),
        dialogs: dialogs.collect(),
    })
}

fn dialog(own: &Element) -> Dialog {
    let told = |name: &str| own.attribute(name).map(ToOwned::to_owned);
    let state = own.first("state");
    let remote = own.first("remote");
    let target = own.first("local").and_then(|local| local.first("target"));
    let silent = |param: &Element| {
        param.attribute("pname") == Some("+sip.rendering") && param.attribute("pval") == Some("no")
    };
    Dialog {
        call_id: told("call-id"),
        local_tag: told("local-tag"),
        remote_tag: told("remote-tag"),
        direction: match own.attribute("direction") {
            Some("recipient") => Some(Direction::Inbound),
            Some("initiator") => Some(Direction::Outbound),
            _ => None,
        },
        state: match state.and_then(Element::words) {
            Some("trying") => DialogState::Trying,
            Some("proceeding") => DialogState::Proceeding,
            Some("early") => DialogState::Early,
            Some("confirmed") => DialogState::Confirmed,
            _ => DialogState::Terminated,
        },
        event: state.and_then(|state| state.attribute("event")).map(Shown::clean),
        duration: own.first("duration").and_then(Element::words).and_then(|own| own.parse().ok()),
        party: remote.and_then(party),
        held: target.is_some_and(|target| target.all("param").any(silent)),
    }
}

/// The other end: the name that is displayed, and the user part of the identity's URI.
fn party(remote: &Element) -> Option<Party> {
    let identity = remote.first("identity");
    let uri =
        identity.and_then(Element::words).or_else(|| remote.first("target")?.attribute("uri"));
    let name = identity.and_then(|identity| identity.attribute("display"));
    let party = Party {
        name: name.filter(|name| !name.is_empty()).map(Shown::clean),
        number: uri.map(|uri| Shown::clean(user_part(uri))).filter(|user| !user.is_empty()),
        uri: uri.map(Shown::clean),
    };
    (party != Party::default()).then_some(party)
}

/// `sip:4444@192.0.2.1;user=phone` → `4444`. Some phones leave the scheme out.
fn user_part(uri: &str) -> &str {
    let rest = ["sip:", "sips:", "tel:"].iter().find_map(|scheme| uri.strip_prefix(scheme));
    let rest = rest.unwrap_or(uri);
    let user = rest.split_once('@').map_or(rest, |(user, _)| user);
    user.split([';', '?']).next().unwrap_or(user)
}
