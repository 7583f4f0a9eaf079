//! Layers of choices stack: `upper.over(lower)` keeps what the upper one says and fills the rest from the lower one.

use std::collections::BTreeMap;

use super::raw::{Origin, Raw};

pub trait Layer {
    #[must_use]
    fn over(self, below: Self) -> Self;

    /// Shows the origin of every value to `see`, which may change it.
    fn visit(&mut self, see: &mut dyn FnMut(&mut Origin));
}

impl<T> Layer for Option<Raw<T>> {
    fn over(self, below: Self) -> Self {
        self.or(below)
    }

    fn visit(&mut self, see: &mut dyn FnMut(&mut Origin)) {
        if let Some(raw) = self {
            see(&mut raw.origin);
        }
    }
}

/// A list that somebody gave replaces the list below it.
impl<T: Entry> Layer for Option<Vec<T>> {
    fn over(self, below: Self) -> Self {
        self.or(below)
    }

    fn visit(&mut self, see: &mut dyn FnMut(&mut Origin)) {
        self.iter_mut().flatten().for_each(|entry| entry.visit_entry(see));
    }
}

/// An entry of a list: a plain value, or a struct of layers.
pub trait Entry {
    fn visit_entry(&mut self, see: &mut dyn FnMut(&mut Origin));
}

impl<T> Entry for Raw<T> {
    fn visit_entry(&mut self, see: &mut dyn FnMut(&mut Origin)) {
        see(&mut self.origin);
    }
}

/// Maps are joined key by key.
impl<K: Ord, T> Layer for BTreeMap<K, Raw<T>> {
    fn over(self, mut below: Self) -> Self {
        below.extend(self);
        below
    }

    fn visit(&mut self, see: &mut dyn FnMut(&mut Origin)) {
        self.values_mut().for_each(|raw| see(&mut raw.origin));
    }
}

/// A struct of layers is a layer. Says the fields once; `over` cannot forget one.
macro_rules! layered {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
        #[serde(default, rename_all = "kebab-case")]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),+ }

        impl $crate::answers::layer::Layer for $name {
            fn over(self, below: Self) -> Self {
                Self { $($field: $crate::answers::layer::Layer::over(self.$field, below.$field)),+ }
            }

            fn visit(&mut self, see: &mut dyn FnMut(&mut $crate::answers::raw::Origin)) {
                $($crate::answers::layer::Layer::visit(&mut self.$field, see);)+
            }
        }

        impl $crate::answers::layer::Entry for $name {
            fn visit_entry(&mut self, see: &mut dyn FnMut(&mut $crate::answers::raw::Origin)) {
                $crate::answers::layer::Layer::visit(self, see);
            }
        }

        impl $name {
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}

pub(crate) use layered;
