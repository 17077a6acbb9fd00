//! A code that somebody types elsewhere, to sign in to a source.

use std::time::Duration;

use crate::floor::time::Moment;
use crate::text::Shown;

/// What is shown until the code was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Which source it is for.
    pub source: Shown,
    pub code: Shown,
    pub address: Shown,
    /// Until when the code is good.
    pub until: Moment,
    /// After what time the tenant was asked again, the last time, and whether it had answered.
    last: Option<(Duration, bool)>,
    /// What is waited for.
    pub said: Shown,
    /// What went to the clipboard last.
    pub copied: Option<Part>,
}

/// A part of what is to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The address of the page.
    Address,
    Code,
}

/// What is waited for, until something else is told.
const WAITING: &str = "waiting until it is typed";

impl Card {
    /// A code that nobody has typed yet.
    pub fn new(source: Shown, code: Shown, address: Shown, until: Moment) -> Self {
        let said = Shown::clean(WAITING);
        Self { source, code, address, until, last: None, said, copied: None }
    }

    /// The tenant is asked again after `span`: it said that nobody typed the code yet, perhaps that it is asked too
    /// often, or did not answer at all. Whether that is news.
    pub fn waits(&mut self, span: Duration, answered: bool) -> bool {
        let every = span.as_secs();
        let said = match self.last.replace((span, answered)) {
            _ if !answered => format!("the tenant does not answer: asked again in {every} s"),
            Some((before, _)) if span > before => {
                format!("the tenant wants to be asked less often: every {every} s")
            }
            Some((_, true)) => return false,
            Some((_, false)) | None => WAITING.to_owned(),
        };
        let before = std::mem::replace(&mut self.said, Shown::clean(&said));
        before != self.said
    }

    /// What goes to the clipboard: the address first, then the code, then the address again. Each goes into a field
    /// of its own.
    pub fn copy(&mut self) -> String {
        let part = match self.copied {
            None | Some(Part::Code) => Part::Address,
            Some(Part::Address) => Part::Code,
        };
        self.copied = Some(part);
        match part {
            Part::Address => self.address.to_string(),
            Part::Code => self.code.to_string(),
        }
    }

    /// For how long the code is still good.
    pub fn left(&self, now: Moment) -> Duration {
        self.until.since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        let shown = Shown::clean;
        Card::new(shown("nimbus"), shown("ABC"), shown("https://a"), Moment::from_millis(60_000))
    }

    #[test]
    fn a_tenant_that_slows_down_or_is_silent_is_told_of_once() {
        let mut card = card();
        let five = Duration::from_secs(5);
        assert!(!card.waits(five, true), "as it was said before");
        assert!(!card.waits(five, true));
        assert!(card.waits(five * 2, true));
        assert!(card.said.contains("less often: every 10 s"), "{}", card.said);
        assert!(!card.waits(five * 2, true), "it stays said");
        assert!(card.said.contains("less often"), "{}", card.said);
        assert!(card.waits(five * 2, false));
        assert!(card.said.contains("does not answer"), "{}", card.said);
    }

    #[test]
    fn the_address_is_copied_first_and_then_the_code() {
        let mut card = card();
        assert_eq!([card.copy(), card.copy(), card.copy()], ["https://a", "ABC", "https://a"]);
    }

    #[test]
    fn a_code_is_good_for_a_while() {
        assert_eq!(card().left(Moment::from_millis(50_000)), Duration::from_secs(10));
        assert_eq!(card().left(Moment::from_millis(70_000)), Duration::ZERO);
    }
}
