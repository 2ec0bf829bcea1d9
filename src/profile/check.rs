//! stub
//!
//! stub
