//! Address books: what can be asked of their contacts. Emptying a whole book is not among it.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::entries::How;
use super::{Global, span};
use crate::floor::book::Detail;
use crate::runtime::RunError;
use crate::runtime::oneshot::contacts::{self, Form, List};
use crate::terminal::print::Printer;

#[derive(Debug, Subcommand)]
pub(super) enum ContactsAsk {
    /// List them
    List {
        /// Only this source
        #[arg(long)]
        source: Option<String>,
        /// Only this book: its name or its id
        #[arg(long)]
        book: Option<String>,
        /// Only those whose name or company has these words
        #[arg(long, value_name = "WORDS")]
        find: Option<String>,
        /// How it is written
        #[arg(long, value_enum, default_value_t = Written::Text)]
        format: Written,
        /// How long the sources have to answer
        #[arg(long, default_value = "10s", value_parser = span)]
        timeout: Duration,
    },
    /// Write one into a book
    Add {
        /// Its id in your own system
        #[arg(value_parser = super::id)]
        id: String,
        #[command(flatten)]
        details: Details,
        #[command(flatten)]
        place: Place,
    },
    /// Change one; what is not named stays as it is
    Update {
        /// Its id
        #[arg(value_parser = super::id)]
        id: String,
        #[command(flatten)]
        details: Details,
        #[command(flatten)]
        place: Place,
    },
    /// Take contacts out of a book, all by one request
    Remove {
        /// Their ids
        #[arg(required = true, value_parser = super::id)]
        ids: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
}

/// How contacts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Written {
    /// For people
    Text,
    /// One object for each
    Json,
}

/// Which book, and how it is asked.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The book: its name or its id; may be left out with one book
    #[arg(long, value_parser = super::id)]
    book: Option<String>,
    #[command(flatten)]
    how: How,
}

/// What can be known of a contact; of what may be repeated, all are named at once.
#[derive(Debug, Args)]
pub(super) struct Details {
    /// The name by which it is shown
    #[arg(long)]
    display_name: Option<String>,
    /// The first name
    #[arg(long)]
    first_name: Option<String>,
    /// The last name
    #[arg(long)]
    last_name: Option<String>,
    /// The initials
    #[arg(long)]
    initials: Option<String>,
    /// The company
    #[arg(long)]
    company: Option<String>,
    /// Where in it
    #[arg(long)]
    department: Option<String>,
    /// What the contact does there
    #[arg(long)]
    job_title: Option<String>,
    /// The principal name, user@domain
    #[arg(long)]
    upn: Option<String>,
    /// A number at work; may be repeated
    #[arg(long, value_name = "NUMBER")]
    business_phone: Vec<String>,
    /// A number of a mobile phone; may be repeated
    #[arg(long, value_name = "NUMBER")]
    mobile_phone: Vec<String>,
    /// A number at home; may be repeated
    #[arg(long, value_name = "NUMBER")]
    home_phone: Vec<String>,
    /// An e-mail address; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// An address for chats; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    chat: Vec<String>,
    /// The street of the first address
    #[arg(long)]
    street: Option<String>,
    /// Its post code
    #[arg(long)]
    postal_code: Option<String>,
    /// Its city
    #[arg(long)]
    city: Option<String>,
    /// Its state
    #[arg(long)]
    state: Option<String>,
    /// Its country
    #[arg(long)]
    country: Option<String>,
    /// A field of your own; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    custom: Vec<String>,
}

impl Details {
    fn written(self) -> Vec<(Detail, Vec<String>)> {
        let one = |text: Option<String>| text.into_iter().collect();
        let all = [
            (Detail::DisplayName, one(self.display_name)),
            (Detail::FirstName, one(self.first_name)),
            (Detail::LastName, one(self.last_name)),
            (Detail::Initials, one(self.initials)),
            (Detail::Company, one(self.company)),
            (Detail::Department, one(self.department)),
            (Detail::JobTitle, one(self.job_title)),
            (Detail::Upn, one(self.upn)),
            (Detail::BusinessPhone, self.business_phone),
            (Detail::MobilePhone, self.mobile_phone),
            (Detail::HomePhone, self.home_phone),
            (Detail::Email, self.email),
            (Detail::Chat, self.chat),
            (Detail::Street, one(self.street)),
            (Detail::PostalCode, one(self.postal_code)),
            (Detail::City, one(self.city)),
            (Detail::State, one(self.state)),
            (Detail::Country, one(self.country)),
            (Detail::Custom, self.custom),
        ];
        all.into_iter().filter(|(_, texts)| !texts.is_empty()).collect()
    }
}

pub(super) async fn on_contacts(global: &Global, ask: ContactsAsk) -> Result<u8, RunError> {
    let config = global.load()?;
    let (ids, details, place) = match ask {
        ContactsAsk::List { source, book, find, format, timeout } => {
            let form = if format == Written::Json { Form::Json } else { Form::Text };
            let list = List { source, book, find, form, timeout, mask: !global.no_mask };
            return contacts::list(
                config.sources,
                &list,
                &mut Printer::stdout(),
                Printer::stderr(),
            )
            .await;
        }
        ContactsAsk::Add { id, details, place } => (vec![id], Some((true, details)), place),
        ContactsAsk::Update { id, details, place } => (vec![id], Some((false, details)), place),
        ContactsAsk::Remove { ids, place } => (ids, None, place),
    };
    let audit = Global::audit(&config)?;
    let mut means = global.means(&config, place.how.yes, &audit);
    let at = contacts::Place { source: place.how.source, book: place.book };
    match details {
        None => contacts::remove(config.sources, &at, &ids, &mut means).await,
        Some((new, details)) => {
            let id = ids.into_iter().next().unwrap_or_default();
            contacts::write(config.sources, &at, new, &id, details.written(), &mut means).await
        }
    }
}
