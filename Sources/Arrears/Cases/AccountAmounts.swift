// Owns: how much an account's amounts are together, so that sums of them can be trusted before they are made.

extension LoanAccount {
    /// All amounts that it came with, without their signs, in minor units of its currency.
    package var amountsTogether: Int128 {
        let own = [balance, principal, statedArrears].compactMap(\.self)
        guard case .schedule(let schedule) = basis else { return Self.together(own) }
        return Self.together(own)
            + schedule.instalments.reduce(0) { $0 + Self.together([$1.fees, $1.interest, $1.principal]) }
            + Self.together(schedule.payments.map(\.amount))
    }

    private static func together(_ amounts: [Money]) -> Int128 {
        amounts.reduce(0) { $0 + Int128($1.minorUnits.magnitude) }
    }
}
