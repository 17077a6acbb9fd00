//! Enreach's operations that floorwalker uses. All of them only read.

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    pub id: &'static str,
    /// Its path below the API; of `discovery` and `callback_lists` the configuration has it.
    pub path: &'static str,
}

/// Where the API of a user is.
pub const DISCOVERY: Operation = Operation { id: "discovery", path: "" };
pub const ME: Operation = Operation { id: "users.me", path: "users/me" };
/// The queues with their present state.
pub const QUEUES: Operation = Operation { id: "queues", path: "queues" };
pub const DIRECTORIES: Operation = Operation { id: "directory.list", path: "directory" };
/// The entries of one directory; its id stands behind the path.
pub const DIRECTORY: Operation = Operation { id: "directory.get", path: "directory" };
/// The counters of callback lists.
pub const CALLBACK_LISTS: Operation = Operation { id: "callback_lists", path: "" };

pub const OPERATIONS: [Operation; 6] =
    [DISCOVERY, ME, QUEUES, DIRECTORIES, DIRECTORY, CALLBACK_LISTS];
