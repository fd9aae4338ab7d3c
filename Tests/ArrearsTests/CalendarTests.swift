// Owns: the calendar, checked day by day against a calendar that only knows how to count.
@testable import Arrears
import Testing

@Suite struct CalendarTests {
    /// Counts from 1900-01-01 to 2200-12-31 by carrying days into months into years, as one does with fingers.
    @Test func `Every day from 1900 to 2200 is what counting says`() {
        var (year, month, monthDay) = (1900, 1, 1)
        // 1900-01-01 was a Monday.
        var weekday = 1
        var number = -25_567
        var wrong: [String] = []
        while year <= 2200 {
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            let date = CalendarDate(year: year, month: month, day: monthDay)
            let back = CalendarDate(dayNumber: number).yearMonthDay
            if date?.dayNumber != number || back != (year, month, monthDay) || date?.weekday != weekday {
                wrong.append("\(year)-\(month)-\(monthDay)")
            }
            if monthDay == lengths[month - 1] {
                // No day after a month's last, and adding months from it ends on the next month's last or before.
                if CalendarDate(year: year, month: month, day: monthDay + 1) != nil {
                    wrong.append("\(year)-\(month)-\(monthDay + 1) exists")
                }
                monthDay = 1
                month += 1
            } else {
                monthDay += 1
            }
            if month == 13 {
                month = 1
                year += 1
            }
            number += 1
            weekday = weekday % 7 + 1
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
        // 301 years, 73 of them leap years: counting ended where it should.
        #expect(number == -25_567 + 301 * 365 + 73)
    }

    @Test func `Text and day are inverse`() {
        for number in -25_567..<84_371 {
            let date = CalendarDate(dayNumber: number)
            guard CalendarDate(iso: date.iso) == date else {
                Issue.record("\(date.iso) does not come back")
                return
            }
        }
    }

    @Test(
        arguments: [
            ("2024-01-31", 1, "2024-02-29"), ("2023-01-31", 1, "2023-02-28"), ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 48, "2028-02-29"), ("2026-12-15", 1, "2027-01-15"), ("2026-01-15", -1, "2025-12-15"),
            ("2026-03-31", -1, "2026-02-28"), ("2026-10-01", 36, "2029-10-01"),
        ])
    func `Months end on the same day or the months last`(_ from: String, _ months: Int, _ expected: String) {
        #expect(day(from).adding(months: months) == day(expected))
    }

    @Test(
        arguments: [
            "2025-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-01", "26-04-01", "2026/04/01",
            "2026-04-01 ", "", "1899-12-31", "2201-01-01", "２026-04-01",
        ])
    func `What is no day is none`(_ text: String) {
        #expect(CalendarDate(iso: text) == nil)
    }
}
