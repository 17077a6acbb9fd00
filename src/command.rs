//! A change asked of a vendor, what came of it, and who may ask at all.
