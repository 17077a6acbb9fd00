//! What is said to the reader in the last line, for a while.

use crate::floor::time::Moment;
use crate::operations::CommandId;
use crate::state::State;
use crate::table::Tone;
use crate::text::Shown;
use crate::threshold::Severity;

/// How long a notice stays, milliseconds: long enough to read two lines.
const STAYS_MS: u64 = 8_000;

/// A line for the reader, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: Shown,
    /// How it is meant.
    pub tone: Tone,
    /// Until when it stays.
    pub until: Moment,
    /// The command whose end it tells, and how grave that is.
    of: Option<(CommandId, Severity)>,
}

impl State {
    /// Says something to the reader.
    pub(super) fn note(&mut self, text: &str, tone: Tone) {
        let text = Shown::clean(text);
        self.say(if self.mask { text.masked() } else { text }, tone);
    }

    /// Says how a command ended. Of several that were asked at once, what went well does not hide what did not.
    pub(super) fn note_end(&mut self, id: CommandId, severity: Severity, text: &str, tone: Tone) {
        let said = self.notice.as_ref().and_then(|notice| notice.of);
        if said.is_some_and(|(other, told)| other != id && told > severity) {
            return;
        }
        self.note(text, tone);
        if let Some(notice) = &mut self.notice {
            notice.of = Some((id, severity));
        }
    }

    /// Says what became of a picture. The digits of its name are a date, not a number of a person.
    pub(super) fn exported(&mut self, result: Result<Shown, Shown>) {
        let (text, tone) = match result {
            Ok(place) => (format!("the screen is in {place}"), Tone::Good),
            Err(why) => (format!("no picture was written: {why}"), Tone::Critical),
        };
        self.say(Shown::clean(&text), tone);
    }

    fn say(&mut self, text: Shown, tone: Tone) {
        let until = Moment::from_millis(self.now.moment.as_millis().saturating_add(STAYS_MS));
        self.notice = Some(Notice { text, tone, until, of: None });
    }
}
