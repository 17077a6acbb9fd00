//! The terminal, whatever becomes of it: which one it is, how fast it reads, how large it is, and how it goes.

mod changes;
mod ends;
mod floods;
mod gone;
mod grammar;
mod models;
mod numbers;
mod resize;
mod unread;
