//! Taking callers who are to be called back: the note, the question, and whose are shown.

use tui_input::{Input, InputRequest};

use crate::action::Action;
use crate::event::{Key, Press};
use crate::floor::callback::CallbackState;
use crate::floor::id::{CallbackId, SourceName};
use crate::operations::{CALLBACKS, OperationId, Precondition, Request};
use crate::state::keys::typed;
use crate::state::{Dialog, NotePrompt, Question, State};
use crate::table::calls::person;
use crate::table::{RowId, Tone, Whose};
use crate::text::Shown;

/// The longest note, characters: all of it is shown, and the notes of the vendor's presence take 250.
const LONGEST: usize = 200;

/// Whether a note may be typed before the question about an action.
pub(super) const fn takes_note(action: Action) -> bool {
    matches!(action, Action::Operation(OperationId::TakeCallback | OperationId::FinishCallback))
}

impl NotePrompt {
    /// Types what was pasted; a line break in it ends nothing.
    pub(super) fn paste(&mut self, text: &str) {
        let text: String = text.chars().take(LONGEST).collect();
        for c in Shown::clean(&text).chars() {
            self.input(InputRequest::InsertChar(c));
        }
    }

    fn input(&mut self, request: InputRequest) {
        let full = self.input.value().chars().count() >= LONGEST;
        if !full || !matches!(request, InputRequest::InsertChar(_)) {
            self.input.handle(request);
        }
    }
}

impl State {
    /// The question before a caller is taken, or closed.
    ///
    /// # Errors
    /// Why it cannot be done: the request is gone or done, or its source takes none.
    pub(super) fn ask_callback(
        &self,
        state: CallbackState,
        row: &RowId,
    ) -> Result<Question, Shown> {
        let gone = || Shown::clean("that request is no longer told of");
        let RowId::Callback(source, id) = row else { return Err(gone()) };
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        let callback = world.callbacks.get(id).ok_or_else(gone)?;
        let request = callback.request().ok_or_else(gone)?;
        CALLBACKS.check(&source.shown(), world.kind)?;
        let verb = if state == CallbackState::Taken { "Take" } else { "Close" };
        match (callback.state(), state) {
            (CallbackState::Done, _) => return Err(Shown::clean("it is done already")),
            (CallbackState::Taken, CallbackState::Taken) if request.own == Some(true) => {
                return Err(Shown::clean("you have it already"));
            }
            _ => {}
        }
        let party = match (&request.party, self.mask) {
            (Some(party), true) => party.masked(),
            (Some(party), false) => party.clone(),
            (None, _) => id.shown(),
        };
        let list = request.list.as_ref();
        let place = list.and_then(|list| world.list_name(list).cloned());
        let place = place.or_else(|| Some(list?.shown())).unwrap_or_else(|| source.shown());
        self.question(
            source,
            Request::Assign { callback: id.clone(), state, note: None },
            &format!("{verb} the callback to {party}?"),
            (party, place),
            self.follows_from_assigning(source, id, state),
        )
    }

    /// What follows when a caller is taken, closed or let go.
    pub(super) fn follows_from_assigning(
        &self,
        source: &SourceName,
        callback: &CallbackId,
        state: CallbackState,
    ) -> Vec<Shown> {
        let world = self.floor.world(source);
        let request = world.and_then(|world| world.callbacks.get(callback)?.request());
        let owner = world.zip(request).and_then(|(world, request)| {
            let owner = request.owner.as_ref().filter(|_| request.own != Some(true))?;
            Some(person(world, owner))
        });
        let mut lines = match (state, owner) {
            (CallbackState::Taken, Some(owner)) => {
                vec![format!("{owner} has it; it becomes yours.")]
            }
            (CallbackState::Taken, None) => vec!["It becomes yours: nobody else will call.".into()],
            (CallbackState::Done, Some(owner)) => {
                vec![format!("{owner} has it."), "Nobody will call back any more.".into()]
            }
            (CallbackState::Done, None) => vec!["Nobody will call back any more.".into()],
            (CallbackState::Open, _) => vec!["Anybody may take it again.".into()],
        };
        if let Some(count) = request.and_then(|request| request.calls).filter(|count| *count > 1) {
            lines.push(format!("The person called {count} times."));
        }
        lines.iter().map(|line| Shown::clean(line)).collect()
    }

    /// Lets a note be typed before the question; of one request, the note that there is.
    pub(super) fn ask_for_note(&mut self, question: Question) {
        let before = match question.asks.as_slice() {
            [ask] => match &ask.seen {
                Precondition::Callback(_, _, Some(note)) if !self.mask => note.to_string(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        let input = Input::new(before.clone());
        self.screen.dialog = Some(Dialog::Note(NotePrompt { input, before, question }));
    }

    /// Enter goes on to the question, Esc leaves it; everything else is typed.
    pub(super) fn press_in_note(&mut self, mut noting: NotePrompt, press: Press) {
        match press.key {
            Key::Enter => {
                let question = self.noted(noting);
                self.screen.dialog = Some(Dialog::Question(question));
            }
            Key::Esc => self.refuse("nothing was sent"),
            _ => {
                if let Some(request) = typed(press) {
                    noting.input(request);
                }
                self.screen.dialog = Some(Dialog::Note(noting));
            }
        }
    }

    /// The question with what was typed.
    fn noted(&self, noting: NotePrompt) -> Question {
        let NotePrompt { input, before, mut question } = noting;
        let written = Shown::clean(input.value().trim());
        if written.as_str() == before.trim() {
            return question;
        }
        let shown = if self.mask { written.masked() } else { written.clone() };
        let line = if shown.is_empty() {
            "The note is taken out.".to_owned()
        } else {
            format!("Note: {shown}")
        };
        question.consequences.push(Shown::clean(&line));
        for ask in &mut question.asks {
            ask.command.request.set_note(&written);
        }
        question
    }

    /// Shows the reader's own callbacks first, those alone that nobody has, or all.
    pub(super) fn whose(&mut self) {
        let view = self.screen.view_mut();
        view.view.whose = view.view.whose.next();
        view.top = 0;
        let words = view.view.whose.words();
        let said = if view.view.whose == Whose::All { "all, as they come" } else { words };
        self.note(said, Tone::Quiet);
    }
}
