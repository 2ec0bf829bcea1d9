//! The seam between edgegen and the machine: everything that is read goes through [`World`].
//!
//! Tests run the whole compiler in memory; only `main` and the command tests touch a disk.
