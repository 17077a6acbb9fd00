//! The mailboxes of those sources whose events this process receives.

use std::path::Path;

use super::PATH;
use crate::source::nimbus::mailbox::{Mailbox, MailboxError};
use crate::source::settings::{Settings, TriggerSettings, Vendor};
use crate::transport::http::Url;

/// Why there is no mailbox.
#[derive(Debug, thiserror::Error)]
pub enum NoMailbox {
    /// It cannot be kept.
    #[error(transparent)]
    Kept(#[from] MailboxError),
    /// Nobody said how the vendor reaches it.
    #[error(
        "source {name}: Nimbus has to be told where to post: set public_url in [relay], or in its \
         [source.webhook]"
    )]
    Nowhere { name: String },
}

/// Opens one for each source that is to have its events posted to a relay, which `public_url` reaches.
///
/// # Errors
/// [`NoMailbox`].
pub fn at_relay(
    sources: &mut [Settings],
    public_url: Option<&str>,
    folder: &Path,
) -> Result<(), NoMailbox> {
    open(sources, folder, |name, own| {
        let base = own.public_url.as_ref().map(Url::as_str).or(public_url);
        let nowhere = || NoMailbox::Nowhere { name: name.to_owned() };
        Ok(Some(base.ok_or_else(nowhere)?.to_owned()))
    })
}

/// The same for each source that listens in this process, beside the store; none where nothing is stored.
///
/// # Errors
/// [`NoMailbox::Kept`].
pub fn here(sources: &mut [Settings], store: Option<&Path>) -> Result<(), NoMailbox> {
    let Some(folder) = store.and_then(Path::parent) else { return Ok(()) };
    open(sources, folder, |_, own| {
        let Some(address) = own.listen else { return Ok(None) };
        let scheme = if own.tls.is_some() { "https" } else { "http" };
        let base = own.public_url.as_ref().map(ToString::to_string);
        Ok(Some(base.unwrap_or_else(|| format!("{scheme}://{address}"))))
    })
}

fn open(
    sources: &mut [Settings],
    folder: &Path,
    base: impl Fn(&str, &TriggerSettings) -> Result<Option<String>, NoMailbox>,
) -> Result<(), NoMailbox> {
    for settings in sources {
        let name = settings.name.clone();
        let Vendor::Nimbus(own) = &mut settings.vendor else { continue };
        let Some(triggers) = &own.triggers else { continue };
        let Some(base) = base(name.raw(), triggers)? else { continue };
        let address = format!("{}{PATH}/{}", base.trim_end_matches('/'), name.raw());
        own.mailbox = Some(Mailbox::open(&name, &address, folder)?);
    }
    Ok(())
}
