//! A command in words.

use crate::floor::profile;
use crate::operations::{Command, Control, Operation, Request};
use crate::text::Shown;

impl Command {
    /// The sentence for people: “log out Jane Doe of Sales”.
    pub fn sentence(&self) -> Shown {
        let operation = self.request.operation();
        let template = match &self.request {
            Request::SetPresence { wish: profile::Wish::Role { .. }, .. } => {
                "set the role of {target} to {place}"
            }
            Request::SetPresence { wish: profile::Wish::Note(_), .. } => "set the note of {target}",
            _ => operation.sentence,
        };
        let (verb, to) = match &self.request {
            Request::Control(Control::Supervise { mode, .. }) => (mode.word(), None),
            Request::Control(Control::Call { request, .. }) => (operation.verb, request.to()),
            _ => (operation.verb, None),
        };
        let (target, place) = (self.target.as_str(), self.place.as_str());
        let to = to.unwrap_or_default();
        let words = [("verb", verb), ("target", target), ("place", place), ("to", to)];
        Shown::clean(&filled(template, &words))
    }
}

impl Operation {
    /// What follows from it on that phone.
    pub fn consequence_on(&self, phone: &str) -> String {
        filled(self.consequence.unwrap_or_default(), &[("phone", phone)])
    }
}

/// `template` with each `{name}` replaced by its word. A word that looks like a name stays as it is.
fn filled(template: &str, words: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
        text.extend(words.iter().find(|(own, _)| *own == name).map(|(_, word)| *word));
        rest = behind;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_word_that_looks_like_a_name_stays_as_it_is() {
        let words = [("target", "{place} and {x"), ("place", "Sales")];
        assert_eq!(filled("add {target} to {place}!", &words), "add {place} and {x to Sales!");
        assert_eq!(filled("no name", &words), "no name");
    }
}
