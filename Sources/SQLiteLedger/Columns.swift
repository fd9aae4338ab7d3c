// Owns: values ↔ columns. Knows nothing of when they are read or written.
import Arrears
import Foundation
import GRDB
import Leasing
import Ledger

/// A value kept as JSON, keys sorted, so that equal values are equal bytes.
enum JSONColumn {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    private static let decoder = JSONDecoder()

    static func text(_ value: some Encodable) throws -> String {
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("a \(type(of: value)) has no JSON: \(error)")
        }
    }

    /// - Throws: `LedgerError.corrupt` with the place and the field, without what stands there: it may be personal.
    static func value<Value: Decodable>(_ type: Value.Type, _ row: Row, _ column: String) throws -> Value {
        let text: String = try row.value(column)
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw LedgerError(.corrupt, "column \(column): expected JSON of \(type), got a fault\(place(of: error))")
        }
    }

    private static func place(of error: any Error) -> String {
        let path: [any CodingKey]? =
            switch error as? DecodingError {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context.codingPath
            default: nil
            }
        guard let path, !path.isEmpty else { return "" }
        return " at " + path.map(\.stringValue).joined(separator: ".")
    }
}

extension Row {
    /// GRDB's subscript ends the process at a value that is not of the type asked for; a damaged page may hold one.
    /// - Throws: `LedgerError.corrupt` with the column, without what stands there: it may be personal.
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: String) throws -> Value {
        do {
            return try decode(Value.self, forColumn: column)
        } catch {
            throw LedgerError(.corrupt, "column \(column): expected a \(Value.self), got another value or none")
        }
    }

    /// A word of a closed list.
    func word<Word: RawRepresentable>(_ column: String) throws -> Word where Word.RawValue == String {
        let text: String = try value(column)
        guard let word = Word(rawValue: text) else {
            throw LedgerError(.corrupt, "column \(column): expected a \(Word.self), got \"\(text)\"")
        }
        return word
    }

    func optionalWord<Word: RawRepresentable>(_ column: String) throws -> Word? where Word.RawValue == String {
        try value(column) as String? == nil ? nil : word(column)
    }

    func name<Name: StringIdentifier>(_ column: String) throws -> Name { Name(try value(column)) }

    func moment(_ column: String) throws -> Timestamp { Timestamp(milliseconds: try value(column)) }

    func day(_ column: String) throws -> CalendarDate {
        let text: String = try value(column)
        guard let day = CalendarDate(iso: text) else {
            throw LedgerError(.corrupt, "column \(column): expected YYYY-MM-DD, got \"\(text)\"")
        }
        return day
    }

    func bits(_ column: String) throws -> UInt64 { UInt64(bitPattern: try value(column) as Int64) }

    /// Columns `lease_id` and `epoch`.
    var leaseKey: LeaseKey? { get throws { try leaseKey("lease_id", "epoch") } }

    func leaseKey(_ lease: String, _ epoch: String) throws -> LeaseKey? {
        guard try value(lease) as Int64? != nil else { return nil }
        return LeaseKey(id: LeaseID(try bits(lease)), epoch: Epoch(try bits(epoch)))
    }

    func currency(_ column: String) throws -> Currency {
        let code: String = try value(column)
        guard let currency = Currency(code) else {
            throw LedgerError(.corrupt, "column \(column): expected an ISO 4217 code, got \"\(code)\"")
        }
        return currency
    }
}

extension LeaseKey {
    var idBits: Int64 { Int64(bitPattern: id.rawValue) }
    var epochBits: Int64 { Int64(bitPattern: epoch.rawValue) }
}

extension Database {
    /// Runs a statement that is prepared once.
    /// - Returns: rows changed, those of triggers not counted.
    @discardableResult
    func run(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try cachedStatement(sql: sql).execute(arguments: arguments)
        return changesCount
    }

    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(try cachedStatement(sql: sql), arguments: arguments)
    }

    /// The first row, of a statement that yields at most one.
    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try rows(sql, arguments).first
    }
}
