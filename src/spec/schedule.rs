//! When a scheduled job runs.

use super::scalar::text;

text!(
    /// Five fields of cron: minute, hour, day of month, month, day of week. `CronJob` takes no seconds.
    Schedule,
    "a schedule has five fields (minute, hour, day of month, month, day of week) of numbers, names, `*`, `,`, `-` and `/`",
    "17 3 * * *",
    |text| {
        let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
        let fields: Vec<&str> = text.split(' ').collect();
        if fields.len() == 5 && fields.iter().zip(bounds).all(|(field, bounds)| field_ok(field, bounds)) {
            Ok(())
        } else {
            Err("for example `17 3 * * *`: every night at 3:17".to_owned())
        }
    }
);

text!(
    /// A time zone by its name in the IANA database.
    TimeZone,
    "a time zone is a name like `Etc/UTC` or `Europe/Berlin`",
    "Etc/UTC",
    |text| {
        let part_ok = |part: &str| {
            part.starts_with(|char: char| char.is_ascii_uppercase())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
        };
        if text.len() <= 64 && text.contains('/') && text.split('/').all(part_ok) {
            Ok(())
        } else {
            Err("for example `Europe/Berlin`".to_owned())
        }
    }
);

const NAMES: [&str; 19] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun", "mon", "tue", "wed",
    "thu", "fri", "sat",
];

fn field_ok(field: &str, (low, high): (u32, u32)) -> bool {
    let value = |text: &str| {
        NAMES.contains(&text.to_ascii_lowercase().as_str())
            || text.len() <= 2 && text.parse().is_ok_and(|number: u32| (low..=high).contains(&number))
    };
    field.split(',').all(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let range_ok = range == "*"
            || match range.split_once('-') {
                Some((from, to)) => value(from) && value(to),
                None => value(range),
            };
        range_ok && step.parse().is_ok_and(|step: u32| (1..=high).contains(&step))
    })
}
