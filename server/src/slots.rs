//! How many connections there may be, in all and from one address.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
};

use crate::desk::Desk;

/// The connections that there are, by address.
#[derive(Clone)]
pub(crate) struct Slots {
    desk: Arc<Desk>,
    by_address: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Slots {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            by_address: Arc::default(),
        }
    }

    /// A place for one more connection from `address`, or `None` where there is none left.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Slot> {
        let limits = &self.desk.limits;
        let mut by_address = self
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let of_address = by_address.get(&address).copied().unwrap_or(0);
        let all = self.desk.connections.load(Ordering::Relaxed);
        if all >= limits.connections_max || of_address >= limits.connections_per_address_max {
            return None;
        }
        by_address.insert(address, of_address + 1);
        self.desk.connections.fetch_add(1, Ordering::Relaxed);
        Some(Slot {
            slots: self.clone(),
            address,
        })
    }
}

/// The place of one connection; free again when dropped.
pub(crate) struct Slot {
    slots: Slots,
    address: IpAddr,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut by_address = self
            .slots
            .by_address
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Entry::Occupied(mut count) = by_address.entry(self.address) else {
            unreachable!("the address of a slot is counted until it is free");
        };
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
        self.slots.desk.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
