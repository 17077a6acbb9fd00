//! The fields of a task: what another system says of it, of its customer, and of who shall have it.

use super::{Declared, Field, alike, text};
use crate::text::Shown;

/// People who can be preferred for one task (Nimbus connector, `PreferredUser`: at most ten, priority 1 to 99).
pub const PREFERRED: usize = 10;

/// Every field, in the order of the form: what is typed most first.
pub const TASK_FIELDS: [Declared; 22] = [
    text(
        Field::Service,
        "service",
        "Service",
        "left and right choose the service in whose queue it waits",
    )
    .flag("The service in whose queue it waits, as user@domain", "")
    .needed(),
    text(
        Field::Identifier,
        "identifier",
        "Identifier",
        "the customer in your system; empty: anonymous",
    )
    .flag("What identifies the customer in your system; left out: anonymous", ""),
    text(
        Field::DisplayName,
        "display_name",
        "Display name",
        "the name by which the customer is shown",
    ),
    text(Field::Priority, "priority", "Priority", "left and right choose; empty: the vendor's own")
        .flag("A priority of the vendor's lookup", ""),
    text(Field::Parameters, "parameters", "Parameters", "topic=delivery; tier=gold")
        .flag("What the service's workflow is told; may be repeated", "NAME=VALUE")
        .many(),
    text(Field::Preferred, "preferred", "Preferred", "user@domain:1, …; 1 is first, at most ten")
        .flag(
            "Who shall have it, 1 first, 99 last; may be repeated up to ten times",
            "USER@DOMAIN[:PRIORITY]",
        )
        .many(),
    text(Field::FirstName, "first_name", "First name", "the customer's first name"),
    text(Field::LastName, "last_name", "Last name", "the customer's last name"),
    text(Field::Company, "company", "Company", "the customer's company"),
    text(Field::Phone, "phone", "Phone", "the customer's number"),
    text(Field::Phones, "phones", "More phones", "home=+44 20…; desk=+44 20…")
        .flag("More numbers, each with a name; may be repeated", "NAME=NUMBER")
        .many(),
    text(Field::Email, "email", "E-mail", "the customer's e-mail address"),
    text(Field::Upn, "upn", "UPN", "the customer's principal name, user@domain"),
    text(Field::Chat, "chat", "Chat", "the customer's address for chats"),
    text(Field::JobTitle, "job_title", "Job title", "what the customer does"),
    text(Field::Department, "department", "Department", "where in the company"),
    text(Field::Street, "street", "Street", "street and house"),
    text(Field::PostCode, "post_code", "Post code", "the customer's post code"),
    text(Field::City, "city", "City", "the customer's city"),
    text(Field::State, "state", "State", "the customer's state"),
    text(Field::Country, "country", "Country", "the customer's country"),
    text(Field::More, "more", "More", "of your own: contract=gold; since=2019")
        .flag("A field of your own; may be repeated", "NAME=VALUE")
        .many(),
];

/// A name with its value, as `pairs` reads it: a `;` within is written twice.
pub fn pair(name: &str, value: &str) -> String {
    format!("{name}={value}").replace(';', ";;")
}

/// The parts between single `;`, each `;;` in them a `;`.
fn parts(written: &str) -> Vec<String> {
    let (mut parts, mut rest) = (vec![String::new()], written.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            ';' if rest.next_if_eq(&';').is_none() => parts.push(String::new()),
            c => parts.last_mut().into_iter().for_each(|part| part.push(c)),
        }
    }
    parts
}

/// Names with their values: `topic=delivery; tier=gold`.
pub(super) fn pairs(written: &str) -> Result<Vec<(String, String)>, Shown> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let parts = parts(written);
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        let pair = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let Some((name, value)) = pair.filter(|(name, _)| !name.is_empty()) else {
            return Err(Shown::clean("write name=value, with ; between two"));
        };
        if part.chars().any(char::is_control) {
            return Err(Shown::clean("it is one line of text"));
        }
        if pairs.iter().any(|(own, _)| own == name) {
            return Err(Shown::clean(&format!("{name} is there twice")));
        }
        pairs.push((name.to_owned(), value.to_owned()));
    }
    if pairs.is_empty() {
        Err(Shown::clean("write name=value, with ; between two"))
    } else {
        Ok(pairs)
    }
}

/// People with their priorities: `alma@contoso.com:1, bruno@contoso.com`.
pub(super) fn people(written: &str, known: &[Shown]) -> Result<Vec<(String, Option<u32>)>, Shown> {
    let refuse = |why: &str| Err(Shown::clean(why));
    let parts = written.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let mut people: Vec<(String, Option<u32>)> = Vec::new();
    for part in parts {
        let (user, priority) = match part.rsplit_once(':') {
            None => (part, None),
            Some((user, written)) => match written.parse::<u32>() {
                Ok(priority @ 1..=99) => (user, Some(priority)),
                _ => return refuse("a priority is a number from 1, the first, to 99"),
            },
        };
        let sound = user.split_once('@').is_some_and(|(own, domain)| {
            !own.is_empty() && domain.contains('.') && !domain.contains('@')
        });
        if !sound || user.chars().any(char::is_control) {
            return refuse("a user is written as user@domain, with :1 to :99 behind it");
        }
        let own = known.iter().find(|own| alike(own, user));
        if own.is_none() && !known.is_empty() {
            return refuse(&format!("{user} is nobody whom the lookup of Nimbus names"));
        }
        let user = own.map_or_else(|| user.to_owned(), ToString::to_string);
        if people.iter().any(|(other, _)| alike(other, &user)) {
            return refuse(&format!("{user} is there twice"));
        }
        people.push((user, priority));
    }
    match people.len() {
        0 => refuse("write user@domain, with , between two"),
        1..=PREFERRED => Ok(people),
        _ => refuse(&format!("at most {PREFERRED} people can be preferred")),
    }
}
