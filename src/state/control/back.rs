//! Calling somebody back who asked for it: by which number, and the question.

use crate::floor::World;
use crate::floor::callback::{self, Callback, CallbackState};
use crate::floor::id::{DeviceId, SourceName};
use crate::operations::{CALL_CONTROL, Control, Request};
use crate::state::control::{gone, owner};
use crate::state::{Question, State};
use crate::table::RowId;
use crate::table::calls::person;
use crate::text::Shown;
use crate::text::destination::Destination;

/// Somebody who waits to be called back.
pub(super) struct Waiting<'s> {
    source: &'s SourceName,
    world: &'s World,
    callback: &'s Callback,
    request: &'s callback::Request,
    /// The number, as it is sent.
    to: String,
}

impl State {
    /// Who waits to be called back in a row.
    ///
    /// # Errors
    /// Why the person cannot be called: the request is gone or done, has no number, or its source makes no calls.
    pub(super) fn waiting(&self, row: &RowId) -> Result<Waiting<'_>, Shown> {
        let RowId::Callback(source, id) = row else {
            return Err(Shown::clean("select somebody who is to be called back"));
        };
        let over = || Shown::clean("that request is no longer told of");
        let (source, world) = self.floor.named(source).ok_or_else(gone)?;
        CALL_CONTROL.check(&source.shown(), world.kind)?;
        let callback = world.callbacks.get(id).ok_or_else(over)?;
        let request = callback.request().ok_or_else(over)?;
        if callback.state() == CallbackState::Done {
            return Err(Shown::clean("it is done already"));
        }
        let to = request.party.as_ref().and_then(|party| Destination::read(party).ok());
        let to = to.map(|to| to.as_str().to_owned());
        let to = to.ok_or_else(|| Shown::clean("there is no number to call"))?;
        Ok(Waiting { source, world, callback, request, to })
    }

    /// The question before somebody is called back.
    pub(super) fn ask_call_back(&self, row: &RowId, place: DeviceId) -> Result<Question, Shown> {
        let Waiting { source, world, callback, request, to } = self.waiting(row)?;
        let own = owner(source, world)?;
        let chosen = own.place(&place).ok_or_else(|| Shown::clean("that place is gone"))?;
        let party = Shown::clean(&to);
        let party = if self.mask { party.masked() } else { party };
        let owned = match &request.owner {
            Some(_) if request.own == Some(true) => "You have it.".to_owned(),
            Some(owner) => format!("{} has it, and may call too.", person(world, owner)),
            None => "Nobody has it: until you take it, somebody else may call too.".to_owned(),
        };
        let rings = format!("Rings your {} first, then calls {party}.", chosen.name);
        self.question(
            source,
            Request::Control(Control::CallBack { callback: callback.id.clone(), to, place }),
            &format!("Call {party} back?"),
            (party, chosen.name.clone()),
            [rings, owned].iter().map(|line| Shown::clean(line)).collect(),
        )
    }
}
