//! stub
//!
//! stub
/// x
pub trait World: Sync {
    fn list(&self, p: &std::path::Path) -> std::io::Result<Vec<String>>;
    fn read(&self, p: &std::path::Path) -> std::io::Result<Vec<u8>>;
}
