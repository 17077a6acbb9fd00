//! The dialogs of one user or contact, by `application/dialog-info+xml` (RFC 4235).
//!
//! A full document replaces what is known, a partial one changes what it names. By the letter (section 4.3) a
//! partial document counts only if its version is exactly one higher than the last; servers that always send
//! `version="0"` and `state="full"` are taken at their word, and so is a stream whose versions never fit: see
//! [`Dialogs::accept_any_version`].

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use crate::floor::call::{Direction, Party};
use crate::floor::time::Moment;
use crate::source::telepo::markup::{self, Element, MarkupError};
use crate::text::Shown;
use crate::transport::lenient::uri::Address;

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
    pub entity: Option<String>,
    /// The dialogs, by their identity within the series.
    pub dialogs: Vec<(String, Dialog)>,
    /// Words for the state of a dialog that nobody knows.
    pub unknown: Vec<Shown>,
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
    /// How far it is; `None` where it does not say, which ends nothing and begins nothing.
    pub state: Option<DialogState>,
    /// Why it is so: `cancelled`, `rejected`, `remote-bye` and so on.
    pub event: Option<Shown>,
    /// Seconds since it began.
    pub duration: Option<u32>,
    pub party: Option<Party>,
    /// Whether the user's device plays nothing of it (`+sip.rendering`, RFC 4235, section 5).
    pub held: bool,
}

/// How far a dialog is (RFC 4235, section 3.7.1), the most alive last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DialogState {
    Terminated,
    Trying,
    /// Answered provisionally, without a tag.
    Proceeding,
    /// Answered provisionally, with a tag.
    Early,
    /// In a state whose word nobody knows: there is a call.
    Other,
    Confirmed,
}

/// The words for the states.
const STATES: [(&str, DialogState); 5] = [
    ("trying", DialogState::Trying),
    ("proceeding", DialogState::Proceeding),
    ("early", DialogState::Early),
    ("confirmed", DialogState::Confirmed),
    ("terminated", DialogState::Terminated),
];

/// The one word for a user's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lamp {
    Idle,
    /// It calls, or may be.
    Dialling,
    Ringing,
    /// In a call, the other end on hold.
    OnHold,
    InCall,
}

/// What came of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// What it tells is known now.
    Applied,
    /// Its version is not behind the last one.
    Old,
    /// Something between was lost: the full state has to be fetched.
    Gap,
}

impl Taken {
    /// Whether its version did not fit.
    pub const fn is_misfit(self) -> bool {
        matches!(self, Self::Old | Self::Gap)
    }
}

/// The dialogs of one stream, put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialogs {
    version: Option<u32>,
    known: bool,
    any_version: bool,
    /// Each with the moment since when it is in its state.
    all: Table,
}

type Table = BTreeMap<String, (Dialog, Moment)>;

impl Dialog {
    /// The lamp of this dialog alone.
    pub const fn lamp(&self) -> Lamp {
        match (self.state, self.direction) {
            (Some(DialogState::Terminated), _) => Lamp::Idle,
            (Some(DialogState::Confirmed), _) if self.held => Lamp::OnHold,
            (Some(DialogState::Confirmed | DialogState::Other), _) => Lamp::InCall,
            (_, Some(Direction::Inbound)) => Lamp::Ringing,
            (_, Some(Direction::Outbound) | None) => Lamp::Dialling,
        }
    }
}

impl Dialogs {
    /// Takes a document in.
    pub fn take(&mut self, document: Document, at: Moment) -> Taken {
        let Document { version, full, dialogs, .. } = document;
        if full {
            let former = std::mem::take(&mut self.all);
            for (id, dialog) in most_alive(dialogs) {
                self.keep(id, dialog, &former, at);
            }
            (self.version, self.known) = (version, true);
            return Taken::Applied;
        }
        if !self.any_version {
            match (self.known, self.version, version) {
                (false, ..) => return Taken::Gap,
                (true, Some(known), Some(own)) if own <= known => return Taken::Old,
                (true, Some(known), Some(own)) if own > known.saturating_add(1) => {
                    return Taken::Gap;
                }
                _ => {}
            }
        }
        self.version = version.or(self.version);
        self.known = true;
        let former = self.all.clone();
        for (id, dialog) in most_alive(dialogs) {
            self.keep(id, dialog, &former, at);
        }
        Taken::Applied
    }

    /// From now on partial documents count whatever their version is: the server's versions do not tell whether
    /// something was lost, and asking it again would bring the same.
    pub const fn accept_any_version(&mut self) {
        self.any_version = true;
    }

    /// A stream was opened anew: its versions begin anew too.
    pub fn reopened(&mut self) {
        (self.version, self.known) = (None, false);
    }

    /// Lets go what has rung for longer than anything rings; whether anything had.
    pub fn expire(&mut self, now: Moment) -> bool {
        let before = self.all.len();
        let rings = |dialog: &Dialog| {
            !matches!(dialog.state, Some(DialogState::Confirmed | DialogState::Other))
        };
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

    /// Keeps a dialog that goes on, lets go one that is over.
    fn keep(&mut self, id: String, mut dialog: Dialog, former: &Table, at: Moment) {
        let known = former.get(&id);
        match (dialog.state, known) {
            (Some(DialogState::Terminated), Some((known, _)))
                if self.all.contains_key(&id) && dialog.is_other_branch(known) =>
            {
                dialog = known.clone();
            }
            (Some(DialogState::Terminated), _) => {
                self.all.remove(&id);
                return;
            }
            // Nothing, or a word that nobody knows: what was known of it goes on.
            (None | Some(DialogState::Other), Some((known, _))) => dialog = known.clone(),
            (None, None) => return,
            (Some(_), _) => {}
        }
        let is_same = |known: &&(Dialog, Moment)| known.0.state == dialog.state;
        // A dialog that is told of again in the same state is in it since it was first told of.
        let since = known.filter(is_same).map_or(at, |(_, since)| *since);
        if self.all.len() < MOST || self.all.contains_key(&id) {
            self.all.insert(id, (dialog, since));
        }
    }
}

impl Dialog {
    /// Whether it is another branch of the call that `known` is one of (RFC 3261, section 12.1: the remote tag alone
    /// differs). Servers give all branches of a forked call one id.
    fn is_other_branch(&self, known: &Self) -> bool {
        let one = |own: &Self| (own.call_id.clone(), own.local_tag.clone());
        self.call_id.is_some()
            && one(self) == one(known)
            && self.remote_tag.is_some()
            && known.remote_tag.is_some()
            && self.remote_tag != known.remote_tag
    }
}

/// The dialogs of a document with each id once: of a forked call the branch that is most alive.
fn most_alive(dialogs: Vec<(String, Dialog)>) -> BTreeMap<String, Dialog> {
    let mut all: BTreeMap<String, Dialog> = BTreeMap::new();
    for (id, dialog) in dialogs {
        match all.entry(id) {
            Entry::Vacant(free) => drop(free.insert(dialog)),
            Entry::Occupied(mut taken) => {
                if dialog.state >= taken.get().state {
                    taken.insert(dialog);
                }
            }
        }
    }
    all
}

/// Reads one document.
///
/// # Errors
/// A document that cannot be read, or is none of these.
pub fn read(document: &str) -> Result<Document, MarkupError> {
    let root = markup::read(document, "dialog-info", "dialog-info")?;
    let mut unknown = Vec::new();
    let dialogs = root.all("dialog").enumerate().map(|(place, own)| {
        let id = own.attribute("id").map_or_else(|| format!("dialog {place}"), ToOwned::to_owned);
        (id, dialog(own, &mut unknown))
    });
    let dialogs = dialogs.collect();
    let is_partial = root.attribute("state").is_some_and(|own| own.eq_ignore_ascii_case("partial"));
    Ok(Document {
        version: root.attribute("version").and_then(|version| version.parse().ok()),
        full: !is_partial,
        entity: root.attribute("entity").map(ToOwned::to_owned),
        dialogs,
        unknown,
    })
}

fn dialog(own: &Element, unknown: &mut Vec<Shown>) -> Dialog {
    let told = |name: &str| own.attribute(name).map(ToOwned::to_owned);
    let state = own.first("state");
    let remote = own.first("remote");
    let target = own.first("local").and_then(|local| local.first("target"));
    Dialog {
        call_id: told("call-id"),
        local_tag: told("local-tag"),
        remote_tag: told("remote-tag"),
        direction: own.attribute("direction").and_then(direction),
        state: state.and_then(Element::words).map(|word| {
            let known = STATES.iter().find(|(own, _)| own.eq_ignore_ascii_case(word));
            known.map_or_else(
                || {
                    unknown.push(Shown::clean(word));
                    DialogState::Other
                },
                |(_, state)| *state,
            )
        }),
        event: state.and_then(|state| state.attribute("event")).map(Shown::clean),
        duration: own.first("duration").and_then(Element::words).and_then(|own| own.parse().ok()),
        party: remote.and_then(party),
        held: target.is_some_and(|target| target.all("param").any(is_silent)),
    }
}

fn direction(word: &str) -> Option<Direction> {
    let is = |own: &str| word.eq_ignore_ascii_case(own);
    (is("recipient").then_some(Direction::Inbound))
        .or(is("initiator").then_some(Direction::Outbound))
}

/// Whether a parameter says that nothing is played. The RFC calls its value `pval`; Asterisk and `FreeSWITCH` write
/// `pvalue`.
fn is_silent(param: &Element) -> bool {
    let is = |names: &[&str], wanted: &str| {
        let value = names.iter().find_map(|name| param.attribute(name));
        value.is_some_and(|value| value.trim_matches('"').eq_ignore_ascii_case(wanted))
    };
    is(&["pname"], "+sip.rendering") && is(&["pval", "pvalue"], "no")
}

/// The other end: the name that is displayed, and the user part of the identity's URI.
fn party(remote: &Element) -> Option<Party> {
    let identity = remote.first("identity");
    let target = || remote.first("target").and_then(|target| target.attribute("uri"));
    let address = identity.and_then(Element::words).and_then(Address::parse);
    let address = address.or_else(|| target().and_then(Address::parse)).unwrap_or_default();
    let displayed = identity.and_then(|identity| identity.attribute("display"));
    let name = displayed.filter(|name| !name.is_empty()).or(address.name.as_deref());
    let party = Party {
        name: name.map(Shown::clean),
        number: address.shown(),
        uri: address.shown().map(|_| Shown::clean(&address.to_string())),
    };
    (party != Party::default()).then_some(party)
}
