// Owns: rows by key that can be taken back. Knows nothing of what the rows say.

/// A dictionary that remembers what each row was before the open transaction changed it.
struct Table<Key: Hashable, Value> {
    private var rows: [Key: Value] = [:]
    /// The rows that were changed since the last commit, as they were before it; nil: there was none.
    private var before: [Key: Value?] = [:]

    subscript(key: Key) -> Value? {
        get { rows[key] }
        _modify {
            remember(key)
            yield &rows[key]
        }
    }

    subscript(key: Key, default empty: @autoclosure () -> Value) -> Value {
        get { rows[key] ?? empty() }
        _modify {
            remember(key)
            yield &rows[key, default: empty()]
        }
    }

    mutating func removeValue(forKey key: Key) -> Value? {
        remember(key)
        return rows.removeValue(forKey: key)
    }

    var values: Dictionary<Key, Value>.Values { rows.values }

    private mutating func remember(_ key: Key) {
        if before[key] == nil { before[key] = .some(rows[key]) }
    }

    /// What was changed stays.
    mutating func commit() {
        if !before.isEmpty { before.removeAll(keepingCapacity: true) }
    }

    /// What was changed since the last commit is as before.
    mutating func rollBack() {
        for (key, row) in before { rows[key] = row }
        commit()
    }
}
