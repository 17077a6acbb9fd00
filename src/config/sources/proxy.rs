//! The proxy of a source.

use crate::config::file::ProxyTable;
use crate::transport::http::ProxySettings;

use super::Reader;

impl Reader<'_> {
    /// The proxy; a password that stands in the file is judged as any other secret there is.
    pub(super) fn proxy(&mut self, table: ProxyTable) -> Option<ProxySettings> {
        let proxy = match ProxySettings::new(&table.url) {
            Ok(proxy) => proxy,
            Err(error) => {
                self.complain("proxy", &format!("proxy: {error}"));
                return None;
            }
        };
        let proxy = match (table.user, table.password) {
            (None, None) => proxy,
            (Some(_), _) | (_, Some(_)) if proxy.login().is_some() => {
                self.complain("proxy", "proxy: user and password stand in url already");
                return None;
            }
            (Some(user), Some(password)) => proxy.with_login(user, password),
            (user, _) => {
                let missing = if user.is_some() { "password" } else { "user" };
                self.complain(
                    "proxy",
                    &format!("proxy: user and password go together: set {missing}"),
                );
                return None;
            }
        };
        let password = proxy.login().map(|(_, password)| password.clone());
        self.guard("proxy", password.as_ref(), Some(proxy.url()));
        Some(proxy)
    }
}
