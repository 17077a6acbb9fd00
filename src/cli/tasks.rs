//! Tasks: what can be asked of them.

use clap::{Args, Subcommand};

use super::entries::{How, Listed, paired};
use super::{Global, status};
use crate::floor::Kind;
use crate::operations::Field;
use crate::runtime::RunError;
use crate::runtime::oneshot::Answer;
use crate::runtime::oneshot::entries::Written;
use crate::runtime::oneshot::tasks;
use crate::table::TableId;
use crate::terminal::print::Printer;

#[derive(Debug, Subcommand)]
pub(super) enum TasksAsk {
    /// List them, as a relay knows them: Nimbus itself has no list
    List(Listed),
    /// Add one, as another system would: it waits in the service's queue at once
    Add {
        /// The service in whose queue it waits, as user@domain
        #[arg(long)]
        service: String,
        /// What identifies the customer in your system; left out: anonymous
        #[arg(long)]
        identifier: Option<String>,
        /// A priority of the vendor's lookup
        #[arg(long)]
        priority: Option<String>,
        #[command(flatten)]
        known: Known,
        /// How its id is written
        #[arg(long, value_enum, default_value_t = Answer::Text)]
        format: Answer,
        #[command(flatten)]
        how: How,
    },
    /// Update one that goes on; what is not named stays as it is
    Update {
        /// Its id
        #[arg(value_parser = super::id)]
        id: String,
        #[command(flatten)]
        known: Known,
        #[command(flatten)]
        how: How,
    },
    /// Remove tasks of other systems, while no agent has them
    Remove {
        /// Their ids
        #[arg(required = true, value_parser = super::id)]
        ids: Vec<String>,
        #[command(flatten)]
        how: How,
    },
}

/// What can be known with a task.
#[derive(Debug, Args)]
pub(super) struct Known {
    /// The name by which the customer is shown
    #[arg(long)]
    display_name: Option<String>,
    /// The customer's first name
    #[arg(long)]
    first_name: Option<String>,
    /// The customer's last name
    #[arg(long)]
    last_name: Option<String>,
    /// The customer's company
    #[arg(long)]
    company: Option<String>,
    /// What the customer does there
    #[arg(long)]
    job_title: Option<String>,
    /// Where in the company
    #[arg(long)]
    department: Option<String>,
    /// The customer's number
    #[arg(long)]
    phone: Option<String>,
    /// More numbers, each with a name; may be repeated
    #[arg(long, value_name = "NAME=NUMBER")]
    phones: Vec<String>,
    /// The customer's e-mail address
    #[arg(long)]
    email: Option<String>,
    /// The customer's principal name, user@domain
    #[arg(long)]
    upn: Option<String>,
    /// The customer's address for chats
    #[arg(long)]
    chat: Option<String>,
    /// The customer's street
    #[arg(long)]
    street: Option<String>,
    /// The customer's post code
    #[arg(long)]
    post_code: Option<String>,
    /// The customer's city
    #[arg(long)]
    city: Option<String>,
    /// The customer's state
    #[arg(long)]
    state: Option<String>,
    /// The customer's country
    #[arg(long)]
    country: Option<String>,
    /// A field of your own; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    more: Vec<String>,
    /// What the service's workflow is told; may be repeated
    #[arg(long, alias = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// Who shall have it, 1 first, 99 last; may be repeated up to ten times
    #[arg(long, value_name = "USER@DOMAIN[:PRIORITY]")]
    preferred: Vec<String>,
}

impl Known {
    fn written(self, more: [(Field, Option<String>); 3]) -> Written {
        let together = |all: Vec<String>| (!all.is_empty()).then(|| paired(&all));
        let preferred = (!self.preferred.is_empty()).then(|| self.preferred.join(", "));
        let all = [
            (Field::DisplayName, self.display_name),
            (Field::FirstName, self.first_name),
            (Field::LastName, self.last_name),
            (Field::Company, self.company),
            (Field::JobTitle, self.job_title),
            (Field::Department, self.department),
            (Field::Phone, self.phone),
            (Field::Phones, together(self.phones)),
            (Field::Email, self.email),
            (Field::Upn, self.upn),
            (Field::Chat, self.chat),
            (Field::Street, self.street),
            (Field::PostCode, self.post_code),
            (Field::City, self.city),
            (Field::State, self.state),
            (Field::Country, self.country),
            (Field::More, together(self.more)),
            (Field::Parameters, together(self.parameters)),
            (Field::Preferred, preferred),
        ];
        let all = more.into_iter().chain(all);
        Written(all.filter_map(|(field, text)| Some((field, text?))).collect())
    }
}

pub(super) async fn on_tasks(global: &Global, ask: TasksAsk) -> Result<u8, RunError> {
    let how = match &ask {
        TasksAsk::List(_) => None,
        TasksAsk::Add { how, .. } | TasksAsk::Update { how, .. } | TasksAsk::Remove { how, .. } => {
            Some((how.source.clone(), how.yes))
        }
    };
    let Some((source, yes)) = how else { return list(global, ask).await };
    let config = global.load()?;
    let audit = Global::audit(&config)?;
    let mut means = global.means(&config, yes, &audit);
    let (sources, source) = (config.sources, source.as_deref());
    match ask {
        TasksAsk::Add { service, identifier, priority, known, format, how: _ } => {
            let written = known.written([
                (Field::Service, Some(service)),
                (Field::Identifier, identifier),
                (Field::Priority, priority),
            ]);
            let mut out = Printer::stdout();
            tasks::add(sources, source, &written, format, &mut out, &mut means).await
        }
        TasksAsk::Update { id, known, how: _ } => {
            let none = [Field::Service, Field::Identifier, Field::Priority].map(|own| (own, None));
            tasks::update(sources, source, &id, &known.written(none), &mut means).await
        }
        TasksAsk::Remove { ids, how: _ } => tasks::remove(sources, source, &ids, &mut means).await,
        TasksAsk::List(_) => Ok(0),
    }
}

async fn list(global: &Global, ask: TasksAsk) -> Result<u8, RunError> {
    let TasksAsk::List(listed) = ask else { return Ok(0) };
    let config = global.load()?;
    if !config.sources.iter().any(|own| own.kind() == Kind::Relay) {
        let why = "tasks are told by events alone: a relay knows them, a single reading does not";
        Printer::stderr().line(why)?;
    }
    status(global, &listed.report(global, TableId::Tasks)).await
}
