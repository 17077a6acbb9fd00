//! A change asked of a vendor, what came of it, and who may ask at all.

use serde::{Deserialize, Serialize};

/// Whether this process may change anything at a vendor.
///
/// With [`Access::ReadOnly`] the HTTP layer cannot build a request that acts: what is missing cannot leak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Reads and acts.
    #[default]
    Full,
    /// Reads only.
    ReadOnly,
}
