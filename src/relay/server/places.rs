//! Places for connections: some are reserved for webhooks, boards have the rest, and who has not shown a token yet has a
//! small number that grows only while places of boards are free.
//!
//! A connection begins as a stranger. The path and the token of a request say what it is: then it claims a place of that
//! kind, for as long as the request lasts. Where all places of strangers are taken, a newcomer gets that of the one who
//! has been silent for longest, so that nobody who only knocks keeps a vendor out.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Connections of boards and scripts. A process has 1,024 descriptors by default.
const BOARDS: usize = 704;
const WEBHOOKS: usize = 96;
/// Connections without a token, where boards have all of their places. They also take what boards leave free.
const STRANGERS: usize = 64;
/// Open connections of one address. Our own machine has no such limit: that is the proxy.
const OF_ONE: usize = 64;

/// What a connection is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stranger,
    /// It brought a webhook with a good token.
    Webhook,
    /// It is of a board, or of a script that reads or acts.
    Board,
}

/// All connections.
#[derive(Debug, Clone)]
pub(super) struct Places {
    inside: Arc<Mutex<Inside>>,
    /// Bytes that all connections have read and not answered, beyond what each may hold anyhow.
    held: Arc<AtomicUsize>,
    behind_proxy: bool,
}

#[derive(Debug, Default)]
struct Inside {
    /// By their numbers, which grow: the oldest comes first.
    connections: BTreeMap<u64, Connection>,
    addresses: BTreeMap<IpAddr, usize>,
    last: u64,
}

#[derive(Debug)]
struct Connection {
    kind: Kind,
    /// Requests under way whose token was good.
    busy: usize,
    closing: CancellationToken,
}

impl Inside {
    fn count(&self, kind: Kind) -> usize {
        self.connections.values().filter(|own| own.kind == kind).count()
    }

    fn strangers(&self) -> usize {
        STRANGERS + BOARDS.saturating_sub(self.count(Kind::Board))
    }

    /// Closes the connection of that kind that is the oldest of those without a request; whether there was one.
    fn close_idle(&mut self, kind: Kind) -> bool {
        let idle = self.connections.iter().find(|(_, own)| own.kind == kind && own.busy == 0);
        let Some(number) = idle.map(|(number, _)| *number) else { return false };
        // Its place is free at once; its address is free when it has gone.
        if let Some(closed) = self.connections.remove(&number) {
            closed.closing.cancel();
        }
        true
    }
}

impl Places {
    pub(super) fn new(behind_proxy: bool) -> Self {
        Self { inside: Arc::default(), held: Arc::default(), behind_proxy }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a connection in; `None` where too many of its address, or too many whose requests are under way, are inside.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Arc<Place>> {
        let mut inside = self.inside();
        let own = inside.addresses.get(&peer).copied().unwrap_or_default();
        if own >= OF_ONE && !self.behind_proxy && !peer.is_loopback() {
            return None;
        }
        if inside.count(Kind::Stranger) >= inside.strangers() && !inside.close_idle(Kind::Stranger)
        {
            return None;
        }
        inside.last += 1;
        let (number, closing) = (inside.last, CancellationToken::new());
        let connection = Connection { kind: Kind::Stranger, busy: 0, closing: closing.clone() };
        inside.connections.insert(number, connection);
        inside.addresses.insert(peer, own + 1);
        Some(Arc::new(Place { places: self.clone(), peer, number, closing }))
    }
}

/// One connection's right to be there; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    peer: IpAddr,
    number: u64,
    closing: CancellationToken,
}

impl Place {
    /// Ends when its place was given to somebody else.
    pub(super) const fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// Whether no request on it has shown a good token.
    pub(super) fn is_stranger(&self) -> bool {
        let inside = self.places.inside();
        inside.connections.get(&self.number).is_none_or(|own| own.kind == Kind::Stranger)
    }

    /// Takes room for `bytes`; whether there was any.
    pub(super) fn hold(&self, bytes: usize, most: usize) -> bool {
        let held = self.places.held.fetch_add(bytes, Ordering::Relaxed);
        if held + bytes > most {
            self.release(bytes);
            return false;
        }
        true
    }

    pub(super) fn release(&self, bytes: usize) {
        self.places.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// A webhook with a good token came. It is never refused: where all reserved places have requests under way, it stays
    /// where it is.
    pub(super) fn webhook(self: &Arc<Self>) -> Claim {
        self.claim(Kind::Webhook, WEBHOOKS);
        Claim::new(self)
    }

    /// A board or a script with a good token came; `None` where all places are taken.
    pub(super) fn board(self: &Arc<Self>) -> Option<Claim> {
        self.claim(Kind::Board, BOARDS).then(|| Claim::new(self))
    }

    fn claim(&self, kind: Kind, most: usize) -> bool {
        let mut inside = self.places.inside();
        let is = |inside: &Inside| inside.connections.get(&self.number).map(|own| own.kind);
        match is(&inside) {
            Some(own) if own == kind => return true,
            Some(_) => {}
            // Its place is another's already: it is about to be closed.
            None => return false,
        }
        if inside.count(kind) >= most && !inside.close_idle(kind) {
            return false;
        }
        if let Some(own) = inside.connections.get_mut(&self.number) {
            own.kind = kind;
        }
        true
    }

    fn busy(&self, change: impl FnOnce(&mut usize)) {
        if let Some(own) = self.places.inside().connections.get_mut(&self.number) {
            change(&mut own.busy);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.places.inside();
        inside.connections.remove(&self.number);
        match inside.addresses.get_mut(&self.peer) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(inside.addresses.remove(&self.peer)),
        }
    }
}

/// A request under way whose token was good: its connection is not closed for somebody else's sake.
#[derive(Debug)]
pub struct Claim(Arc<Place>);

impl Claim {
    fn new(place: &Arc<Place>) -> Self {
        place.busy(|busy| *busy += 1);
        Self(Arc::clone(place))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.busy(|busy| *busy = busy.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    fn boards(places: &Places) -> Vec<(Arc<Place>, Claim)> {
        std::iter::from_fn(|| {
            let place = places.admit(HERE)?;
            let claim = place.board()?;
            Some((place, claim))
        })
        .collect()
    }

    #[test]
    fn one_address_has_so_many_connections_and_takes_none_from_the_others() {
        let places = Places::new(false);
        let mut inside: Vec<_> = (0..OF_ONE).map(|_| places.admit(address(1)).unwrap()).collect();
        assert!(places.admit(address(1)).is_none(), "one too many");
        let mapped = "::ffff:192.0.2.1".parse::<IpAddr>().unwrap().to_canonical();
        assert!(places.admit(mapped).is_none(), "by its other name too");
        assert!(places.admit(address(2)).is_some(), "another has room");
        inside.pop();
        assert!(places.admit(address(1)).is_some(), "whoever goes makes room");
    }

    #[test]
    fn a_proxy_has_no_limit_of_its_own() {
        let places = Places::new(true);
        let inside: Vec<_> = (0..=OF_ONE).filter_map(|_| places.admit(address(1))).collect();
        assert_eq!(inside.len(), OF_ONE + 1);
    }

    #[test]
    fn p9_with_all_places_of_boards_taken_webhooks_have_theirs() {
        let places = Places::new(false);
        let boards = boards(&places);
        assert_eq!(boards.len(), BOARDS);
        // Boards that knock on, and do not go away.
        let knocking: Vec<_> = (0..STRANGERS).map(|_| places.admit(HERE).unwrap()).collect();
        assert!(knocking.iter().all(|place| place.board().is_none()));
        let webhooks: Vec<_> = (0..WEBHOOKS + 10)
            .map(|_| {
                let place = places.admit(HERE).unwrap();
                let claim = place.webhook();
                assert!(!place.closing().is_cancelled());
                (place, claim)
            })
            .collect();
        assert!(webhooks.iter().all(|(place, _)| !place.closing().is_cancelled()));
        assert!(boards.iter().all(|(place, _)| !place.closing().is_cancelled()));
        assert!(knocking[0].closing().is_cancelled(), "the first who knocked made room");
    }

    #[test]
    fn p9_who_only_knocks_keeps_nobody_out() {
        let places = Places::new(false);
        let silent: Vec<_> = (0..5_000).map(|_| places.admit(HERE).unwrap()).collect();
        let closed = silent.iter().filter(|place| place.closing().is_cancelled()).count();
        assert_eq!(silent.len() - closed, STRANGERS + BOARDS);
        let vendor = places.admit(HERE).unwrap();
        let _claim = vendor.webhook();
        let later: Vec<_> = (0..5_000).map(|_| places.admit(HERE).unwrap()).collect();
        assert!(!vendor.closing().is_cancelled() && !vendor.is_stranger());
        assert!(boards(&places).len() >= BOARDS - 1, "boards get in as well");
        drop(later);
    }

    #[test]
    fn a_connection_without_a_request_makes_room_for_one_of_its_kind() {
        let places = Places::new(false);
        let mut all = boards(&places);
        let (idle, claim) = all.swap_remove(7);
        let newcomer = places.admit(HERE).unwrap();
        assert!(newcomer.board().is_none(), "all have requests under way");
        drop(claim);
        assert!(newcomer.board().is_some() && idle.closing().is_cancelled());
    }

    #[test]
    fn places_are_given_back() {
        let places = Places::new(false);
        for _ in 0..3 {
            let all = boards(&places);
            assert_eq!(all.len(), BOARDS);
        }
        assert_eq!(places.inside().connections.len(), 0);
        assert_eq!(places.inside().addresses.len(), 0);
    }
}
