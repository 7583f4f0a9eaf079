//! When a scheduled job runs.

use super::scalar::text;

text!(
    /// Five fields of cron: minute, hour, day of month, month, day of week. `CronJob` takes no seconds.
    Schedule,
    "a schedule has five fields (minute, hour, day of month, month, day of week) of numbers in the field's own range, `*`, `,`, `-` upwards and `/`; months and days also by name",
    "17 3 * * *",
    |text| {
        let fields: Vec<&str> = text.split(' ').collect();
        if fields.len() == FIELDS.len() && fields.iter().zip(FIELDS).all(|(field, bounds)| field_ok(field, bounds)) {
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

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// By field: the least and the greatest number, and the names that stand for numbers from the least on.
const FIELDS: [(u32, u32, &[&str]); 5] = [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, &MONTHS), (0, 6, &DAYS)];

fn field_ok(field: &str, (low, high, names): (u32, u32, &[&str])) -> bool {
    let value = |text: &str| -> Option<u32> {
        let named = (low..).zip(names).find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(number, _)| number);
        let number = || text.parse().ok().filter(|number| text.len() <= 2 && (low..=high).contains(number));
        named.or_else(number)
    };
    field.split(',').all(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let range_ok = range == "*"
            || match range.split_once('-') {
                Some((from, to)) => value(from).zip(value(to)).is_some_and(|(from, to)| from <= to),
                None => value(range).is_some(),
            };
        range_ok && step.parse().is_ok_and(|step: u32| (1..=high).contains(&step))
    })
}
