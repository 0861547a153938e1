//! A session takes up what its record says, which another replica may have written.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::did::Did;
use super::legacy::{Saved, Session, UNSET};
use super::record::SessionRecord;
use crate::store::Version;

impl Session {
    /// Sets the resources that it subscribes to, and has the transport know.
    pub(super) fn set_uris(&self, uris: Vec<String>) {
        if uris.is_empty() {
            self.change(|live| live.uris = uris);
        } else {
            self.live().get_or_insert_default().uris = uris;
        }
        self.tell_kept();
    }

    /// Tells what the transport keeps of the resources that the session subscribes to.
    pub(crate) fn tell_kept(&self) {
        let kept = self.live().as_ref().and_then(|live| live.kept.clone());
        if let Some(kept) = kept {
            kept.subscribed(self.uris());
        }
    }

    /// Takes over what its record says, which was read in an epoch of the registry.
    pub(super) fn take_up(&self, record: &SessionRecord, version: Version, epoch: u32) {
        self.set_log_level(record.log_level.unwrap_or(UNSET));
        if record.uris != self.uris() {
            self.set_uris(record.uris.clone());
        }
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) =
            Saved { version: version.as_u64(), seat: record.seat };
        self.epoch.store(epoch, Ordering::Release);
    }

    /// Its record may have changed: it is read before the session is used again.
    pub(super) fn doubt(&self) {
        self.epoch.store(u32::MAX, Ordering::Release);
    }

    /// Does once more what a request changed, after a record without it was taken over.
    pub(super) fn redo(&self, did: &Did, most: usize) {
        match did {
            Did::Level(level) => self.set_log_level(*level),
            Did::Subscribed(uri) => {
                self.subscribe(uri.clone(), most);
                self.tell_kept();
            }
            Did::Unsubscribed(uri) => {
                self.unsubscribe(uri);
                self.tell_kept();
            }
        }
    }
}
