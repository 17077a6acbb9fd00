//! Address books: what can be asked of their contacts. Emptying a whole book is not among it.

use std::time::Duration;

use clap::{Subcommand, ValueEnum};

use super::operations::{Of, OfContacts, on_operation};
use super::{Global, span};
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
    #[command(flatten)]
    Change(Of<OfContacts>),
}

/// How contacts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Written {
    /// For people
    Text,
    /// One object for each
    Json,
}

pub(super) async fn on_contacts(global: &Global, ask: ContactsAsk) -> Result<u8, RunError> {
    match ask {
        ContactsAsk::List { source, book, find, format, timeout } => {
            let config = global.load()?;
            let form = if format == Written::Json { Form::Json } else { Form::Text };
            let list = List { source, book, find, form, timeout, mask: !global.no_mask };
            let (mut out, messages) = (Printer::stdout(), Printer::stderr());
            contacts::list(config.sources, &list, &mut out, messages).await
        }
        ContactsAsk::Change(change) => on_operation(global, change.asked).await,
    }
}
