//! What must hold for any text at all that is found in storage.

use taskloom::core::state::{
    entry::Head,
    shape::{Shape, Writer},
};

/// It is refused, or it is just what would have been written; and what is made of it is no larger than the text.
pub fn stored_text(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let body = match Head::parse(text) {
        Some((head, length)) => {
            assert_eq!(Head::parse(&head.text()).map(|(again, _)| again), Some(head));
            &text[length..]
        }
        None => text,
    };
    let shape = body.split(';').next().unwrap_or_default();
    if let Ok(read) = Shape::parse(shape) {
        assert!(read.parts().len() <= shape.len());
        let mut writer = Writer::default();
        for part in read.parts() {
            assert_eq!(writer.put(*part), Ok(()));
        }
        assert_eq!(writer.finish().as_deref(), Ok(shape));
    }
}
