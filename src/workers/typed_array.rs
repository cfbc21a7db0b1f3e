//! Vectors of numbers as JavaScript typed arrays: one copy instead of a JavaScript number for each.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Image {
//!     width: usize,
//!     #[serde(with = "taskloom::workers::typed_array")]
//!     pixels: Vec<u8>, // a Uint8Array on its way
//! }
//! ```
//!
//! It is for what crosses the border to a worker. On the host, where there is no such border, such a field is an ordinary sequence.

use serde::{Deserializer, Serializer};

/// A number that there are typed arrays of.
pub trait Element: platform::Element {}

impl<T: platform::Element> Element for T {}

/// For `#[serde(with)]`.
pub fn serialize<T: Element, S: Serializer>(numbers: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    platform::serialize(numbers, serializer)
}

/// For `#[serde(with)]`. An array of another type is an error.
pub fn deserialize<'de, T: Element, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    platform::deserialize(deserializer)
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use js_sys::{
        Float32Array, Float64Array, Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array, Uint32Array,
    };
    use serde::{Deserializer, Serializer};
    use serde_wasm_bindgen::preserve;
    use wasm_bindgen::JsCast;

    pub trait Element: Sized {
        type Array: JsCast;
        fn to_array(numbers: &[Self]) -> Self::Array;
        fn to_vec(array: &Self::Array) -> Vec<Self>;
    }

    macro_rules! elements {
        ($($number:ty: $array:ty),*) => {
            $(impl Element for $number {
                type Array = $array;

                fn to_array(numbers: &[Self]) -> $array {
                    <$array>::from(numbers)
                }

                fn to_vec(array: &$array) -> Vec<Self> {
                    array.to_vec()
                }
            })*
        };
    }
    elements!(
        f32: Float32Array, f64: Float64Array, i8: Int8Array, i16: Int16Array, i32: Int32Array, u8: Uint8Array,
        u16: Uint16Array, u32: Uint32Array
    );

    pub fn serialize<T: Element, S: Serializer>(numbers: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        preserve::serialize(&T::to_array(numbers), serializer)
    }

    pub fn deserialize<'de, T: Element, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        preserve::deserialize(deserializer).map(|array: T::Array| T::to_vec(&array))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

    pub trait Element: Serialize + DeserializeOwned {}

    macro_rules! elements {
        ($($number:ty),*) => {
            $(impl Element for $number {})*
        };
    }
    elements!(f32, f64, i8, i16, i32, u8, u16, u32);

    pub fn serialize<T: Element, S: Serializer>(numbers: &[T], serializer: S) -> Result<S::Ok, S::Error> {
        numbers.serialize(serializer)
    }

    pub fn deserialize<'de, T: Element, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        Vec::deserialize(deserializer)
    }
}
