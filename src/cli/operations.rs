//! The subcommands of operations: their flags and help are made from the declarations.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, Subcommand};

use super::{Global, id};
use crate::floor::book::{DETAILS, Detail};
use crate::operations::wish::Flag;
use crate::operations::{
    FIELDS, Field, Fields, Ids, Operation, OperationId, TASK_FIELDS, of_group,
};
use crate::runtime::RunError;
use crate::runtime::oneshot::entries::Written;
use crate::runtime::oneshot::{self, Answer, Log, contacts, entries, tasks};
use crate::source::nimbus::wire;
use crate::terminal::print::Printer;

/// A command to which operations belong.
pub(super) trait Group: Send + Sync + Clone + 'static {
    /// Its name; empty for operations that are commands themselves.
    const NAME: &'static str;
}

/// Operations that are commands themselves.
#[derive(Debug, Clone)]
pub(super) struct Own;

/// Those of `entries`.
#[derive(Debug, Clone)]
pub(super) struct OfEntries;

/// Those of `tasks`.
#[derive(Debug, Clone)]
pub(super) struct OfTasks;

/// Those of `contacts`.
#[derive(Debug, Clone)]
pub(super) struct OfContacts;

impl Group for Own {
    const NAME: &'static str = "";
}

impl Group for OfEntries {
    const NAME: &'static str = "entries";
}

impl Group for OfTasks {
    const NAME: &'static str = "tasks";
}

impl Group for OfContacts {
    const NAME: &'static str = "contacts";
}

/// An operation of a group, as it was asked for.
#[derive(Debug)]
pub(super) struct Of<G> {
    pub(super) asked: Asked,
    group: PhantomData<G>,
}

/// An operation as it was asked for on the command line.
#[derive(Debug)]
pub(super) struct Asked {
    operation: &'static Operation,
    ids: Vec<String>,
    /// What was written with each flag of a field, by the flag's name.
    written: BTreeMap<&'static str, Vec<String>>,
    source: Option<String>,
    yes: bool,
    answer: Answer,
}

impl<G: Group> FromArgMatches for Of<G> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (name, matches) = matches.subcommand().ok_or_else(missing)?;
        let found = of_group(G::NAME).find(|(_, command)| command.name == name);
        let (operation, command) = found.ok_or_else(missing)?;
        let texts = |name: &str| -> Vec<String> {
            let all = matches.try_get_many::<String>(name).ok().flatten();
            all.into_iter().flatten().cloned().collect()
        };
        let flags = flags(command.fields).into_iter().map(|flag| flag.name);
        let written = flags.map(|name| (name, texts(name))).filter(|(_, all)| !all.is_empty());
        let asked = Asked {
            operation,
            ids: texts(IDS),
            written: written.collect(),
            source: texts(SOURCE).into_iter().next(),
            yes: matches.get_flag(YES),
            answer: matches
                .try_get_one::<Answer>(FORMAT)
                .ok()
                .flatten()
                .copied()
                .unwrap_or(Answer::Text),
        };
        Ok(Self { asked, group: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<G: Group> Subcommand for Of<G> {
    fn augment_subcommands(command: Command) -> Command {
        of_group(G::NAME).fold(command, |all, (operation, _)| all.subcommand(made(operation)))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        of_group(G::NAME).any(|(_, command)| command.name == name)
    }
}

const IDS: &str = "ids";
const SOURCE: &str = "source";
const YES: &str = "yes";
const FORMAT: &str = "format";
const QUEUE: &str = "queue";
const AGENT: &str = "agent";
const BOOK: &str = "book";
const CUSTOMER: &str = "customer";
const PARAMETER: &str = "parameter";

/// The subcommand of an operation.
fn made(operation: &'static Operation) -> Command {
    let Some(own) = &operation.command else { return Command::new(operation.name) };
    let ids = Arg::new(IDS).value_parser(id).required(true);
    let ids = match own.ids {
        Ids::None => None,
        Ids::One(help) => Some(ids.value_name("ID").help(help)),
        Ids::Several(help) => {
            Some(ids.value_name("IDS").help(help).num_args(1..).action(ArgAction::Append))
        }
    };
    let answer = Arg::new(FORMAT)
        .long(FORMAT)
        .value_name("FORMAT")
        .help("How its id is written")
        .value_parser(clap::builder::EnumValueParser::<Answer>::new())
        .default_value("text");
    let source = Arg::new(SOURCE)
        .long(SOURCE)
        .value_name("SOURCE")
        .help("The source; may be left out with one source");
    let yes = Arg::new(YES).long(YES).help("Do not ask").action(ArgAction::SetTrue);
    let is_addition =
        matches!(own.fields, Fields::Entry { new: true } | Fields::Task { new: true });
    Command::new(own.name)
        .about(own.about)
        .args(ids)
        .args(flags(own.fields).iter().map(arg))
        .args(is_addition.then_some(answer))
        .args([source, yes])
}

/// The argument of a flag. A command line is made once: the names made here may stay.
fn arg(flag: &Flag) -> Arg {
    let long: &'static str = flag.name.replace('_', "-").leak();
    let value: &'static str = match flag.value {
        "" => flag.name.to_uppercase().leak(),
        value => value,
    };
    let arg = Arg::new(flag.name)
        .long(long)
        .value_name(value)
        .help(flag.help.clone())
        .required(flag.required)
        .allow_hyphen_values(flag.name == "due")
        .action(if flag.many { ArgAction::Append } else { ArgAction::Set });
    match flag.name {
        QUEUE | AGENT | BOOK => arg.value_parser(id),
        PARAMETER => arg.alias("parameters"),
        "parameters" => arg.alias(PARAMETER),
        _ => arg,
    }
}

/// The flags of an operation's fields.
fn flags(fields: Fields) -> Vec<Flag> {
    match fields {
        Fields::None => Vec::new(),
        Fields::Membership => vec![
            Flag { required: true, ..Flag::new(QUEUE, "The queue: its id or its name") },
            Flag::new(AGENT, "The agent: an id or a name; left out: the source's own user"),
        ],
        Fields::Entry { new } => FIELDS
            .iter()
            .map(|own| own.as_flag(new))
            .chain([
                Flag {
                    value: "FIELD=VALUE",
                    many: true,
                    ..Flag::new(
                        CUSTOMER,
                        "Something of the customer, e.g. company=Engines or phones=home=+44…; a text alone is the name that is shown; may be repeated",
                    )
                },
                Flag {
                    value: "NAME=VALUE",
                    many: true,
                    ..Flag::new(PARAMETER, "What the service's workflow is told; may be repeated")
                },
            ])
            .collect(),
        Fields::Task { new } => TASK_FIELDS
            .iter()
            .filter(|own| new || !own.field.is_of_new_task())
            .map(|own| own.as_flag(new))
            .collect(),
        Fields::Contact => contact_flags().chain([book_flag()]).collect(),
        Fields::Book => vec![book_flag()],
    }
}

fn book_flag() -> Flag {
    Flag::new(BOOK, "The book: its name or its id; may be left out with one book")
}

fn contact_flags() -> impl Iterator<Item = Flag> {
    DETAILS.iter().map(|own| Flag {
        value: own.value,
        many: own.many,
        ..Flag::new(own.name, own.help)
    })
}

impl Asked {
    fn one(&self, name: &str) -> Option<&str> {
        self.written.get(name)?.first().map(String::as_str)
    }

    /// The fields of a scheduler entry or of a task; pairs of one field together.
    ///
    /// # Errors
    /// A field of a customer that there is not, or that is there twice.
    fn fields(&self) -> Result<Written, RunError> {
        let of = |name: &str| {
            let all = FIELDS.iter().chain(&TASK_FIELDS);
            all.into_iter().find(|own| own.name == name).map(|own| own.field)
        };
        let declared = self.operation.command.as_ref().map_or(Fields::None, |own| own.fields);
        let mut fields = Vec::new();
        for flag in flags(declared) {
            let field = match flag.name {
                PARAMETER => Some(Field::Parameters),
                name => of(name),
            };
            let Some((field, texts)) = field.zip(self.written.get(flag.name)) else { continue };
            let text = match field {
                field if field.holds_pairs() => paired(texts),
                _ => texts.join(", "),
            };
            fields.push((field, text));
        }
        fields.extend(customer(self.written.get(CUSTOMER).map_or(&[], Vec::as_slice))?);
        Ok(Written(fields))
    }

    /// The details of a contact.
    fn details(&self) -> Vec<(Detail, Vec<String>)> {
        let texts = |name: &str| self.written.get(name).cloned();
        DETAILS.iter().filter_map(|own| Some((own.detail, texts(own.name)?))).collect()
    }
}

/// What is known of a customer, field by field; pairs of one field together.
fn customer(written: &[String]) -> Result<Vec<(Field, String)>, RunError> {
    let (mut texts, mut pairs) = (BTreeMap::new(), BTreeMap::<_, Vec<String>>::new());
    for own in written {
        let (name, value) = own.split_once('=').unwrap_or(("display_name", own));
        let Some(field) = Field::CUSTOMER.into_iter().find(|field| names(*field, name)) else {
            let all = Field::CUSTOMER.map(|field| field.declared().name).join(", ");
            return Err(RunError::usage(&format!("--customer {own:?}: there is {all}")));
        };
        if field.holds_pairs() {
            pairs.entry(field).or_default().push(value.to_owned());
        } else if texts.insert(field, value.to_owned()).is_some() {
            return Err(RunError::usage(&format!("--customer {own:?}: it is there twice")));
        }
    }
    let pairs = pairs.into_iter().map(|(field, all)| (field, paired(&all)));
    Ok(texts.into_iter().chain(pairs).collect())
}

/// Whether a field of a customer is called so, here or in the vendor's documents.
fn names(field: Field, name: &str) -> bool {
    let letters = |name: &str| name.trim().to_lowercase().replace(['_', '-'], "");
    [field.declared().name, wire::key(field)].into_iter().any(|own| letters(own) == letters(name))
}

/// Names with their values, each written for itself, as one text.
fn paired(all: &[String]) -> String {
    all.iter().map(|own| own.replace(';', ";;")).collect::<Vec<_>>().join("; ")
}

/// Carries an operation out; returns the exit code.
pub(super) async fn on_operation(global: &Global, asked: Asked) -> Result<u8, RunError> {
    let config = global.load()?;
    let audit = Global::audit(&config)?;
    let mut options = global.options(&config, asked.yes, &audit);
    let (sources, ids) = (config.sources, &asked.ids);
    let source = asked.source.as_deref();
    let mut out = Printer::stdout();
    let first = || ids.first().map(String::as_str).unwrap_or_default();
    let place = || contacts::Place {
        source: asked.source.clone(),
        book: asked.one(BOOK).map(str::to_owned),
    };
    match asked.operation.id {
        login @ (OperationId::LogIn | OperationId::LogOut) => {
            let log = Log {
                login: login == OperationId::LogIn,
                source: asked.source.clone(),
                queue: asked.one(QUEUE).unwrap_or_default().to_owned(),
                agent: asked.one(AGENT).map(str::to_owned),
            };
            oneshot::log(sources, &log, &mut options).await
        }
        OperationId::AddEntry => {
            let fields = asked.fields()?;
            entries::add(sources, source, &fields, asked.answer, &mut out, &mut options).await
        }
        OperationId::EditEntry => {
            entries::update(sources, source, ids, &asked.fields()?, &mut options).await
        }
        OperationId::RemoveEntry => entries::remove(sources, source, ids, &mut options).await,
        OperationId::AddTask => {
            let fields = asked.fields()?;
            tasks::add(sources, source, &fields, asked.answer, &mut out, &mut options).await
        }
        OperationId::UpdateTask => {
            tasks::update(sources, source, first(), &asked.fields()?, &mut options).await
        }
        OperationId::RemoveTask => tasks::remove(sources, source, ids, &mut options).await,
        new @ (OperationId::AddContact | OperationId::UpdateContact) => {
            let new = new == OperationId::AddContact;
            contacts::write(sources, &place(), new, first(), asked.details(), &mut options).await
        }
        OperationId::RemoveContacts => contacts::remove(sources, &place(), ids, &mut options).await,
        OperationId::TakeCallback
        | OperationId::FinishCallback
        | OperationId::ReopenCallback
        | OperationId::SetPresence
        | OperationId::Supervise
        | OperationId::CallBack
        | OperationId::Call(_) => {
            let why = format!("{} is not done from the command line", asked.operation.name);
            Err(RunError::usage(&why))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::cli::tasks::TasksAsk;
    use crate::cli::{Ask, Cli};
    use crate::operations::OPERATIONS;

    #[test]
    fn every_operation_of_the_command_line_has_its_subcommand_and_its_flags() {
        let root = Cli::command();
        root.clone().debug_assert();
        for own in &OPERATIONS {
            let Some(command) = &own.command else { continue };
            let group = match command.group {
                "" => &root,
                group => root.find_subcommand(group).unwrap(),
            };
            let made = group.find_subcommand(command.name).unwrap();
            for flag in flags(command.fields) {
                let is_there = made.get_arguments().any(|arg| arg.get_id() == flag.name);
                assert!(is_there, "{} has no --{}", own.name, flag.name);
            }
        }
    }

    #[test]
    fn what_is_written_with_flags_is_read_field_by_field() {
        let line = "floorwalker tasks update t1 --company Engines --parameter a=1 --parameters b=2;3 \
                    --preferred alma@b.example:1 --preferred bo@b.example";
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Some(Ask::Tasks(TasksAsk::Change(own))) = cli.command else { panic!("{line}") };
        assert_eq!(own.asked.ids, ["t1"]);
        assert_eq!(own.asked.operation.name, "update_task");
        let expected = [
            (Field::Parameters, "a=1; b=2;;3"),
            (Field::Preferred, "alma@b.example:1, bo@b.example"),
            (Field::Company, "Engines"),
        ];
        let expected = expected.map(|(field, text)| (field, text.to_owned()));
        assert_eq!(own.asked.fields().unwrap().0, expected);
        for wrong in
            ["floorwalker tasks update", "floorwalker tasks add", "floorwalker tasks remove"]
        {
            assert!(Cli::try_parse_from(wrong.split_whitespace()).is_err(), "{wrong}");
        }
    }
}
