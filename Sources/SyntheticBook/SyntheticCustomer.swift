// Owns: made-up people: names, places, numbers. Every one of them is invented; a likeness to a person is chance.
import SystemParts

/// The customer of one or several accounts, a function of the seed and of the customer's first account.
struct SyntheticCustomer {
    let number: Int
    let name: String
    let region: String
    let timeZone: String
    let phone: String?
    let language: String
    let riskScore: Int

    init(seed: UInt64, number: Int) {
        var random = SplitMix64(seed: seed, kind: 1, index: number)
        self.number = number
        region = random.weighted(Self.regions)
        // Two clocks are kept in Xinjiang; the book says which one this person keeps.
        timeZone = region == "CN-XJ" && random.chance(7_000) ? "Asia/Urumqi" : "Asia/Shanghai"
        let isUyghur = timeZone == "Asia/Urumqi" && random.chance(6_000)
        if random.chance(80) {
            name = random.pick(Self.foreignNames)
            language = "en"
        } else {
            name = isUyghur ? Self.uyghurName(&random) : Self.hanName(&random)
            language = "zh-Hans"
        }
        phone = random.chance(200) ? nil : Self.phone(number)
        // The mean of three dice: most people are in the middle.
        riskScore = (random.below(1_001) + random.below(1_001) + random.below(1_001)) / 3
    }

    var id: String { "C" + Self.padded(number, 8) }

    /// A number of the shape of a Chinese mobile one with the prefix 160, which no operator held when this was written,
    /// so that it rings nowhere.
    private static func phone(_ number: Int) -> String { "+86160" + padded(number % 100_000_000, 8) }

    static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func hanName(_ random: inout SplitMix64) -> String {
        let family = random.pick(families)
        let given = random.pick(givens)
        return random.chance(3_500) ? family + given : family + given + random.pick(givens)
    }

    private static func uyghurName(_ random: inout SplitMix64) -> String {
        random.pick(uyghurGivens) + "·" + random.pick(uyghurGivens)
    }

    /// ISO 3166-2:CN.
    private static let regions: [(String, weight: Int)] = [
        ("CN-GD", 15), ("CN-JS", 11), ("CN-ZJ", 10), ("CN-SD", 9), ("CN-HA", 8), ("CN-SC", 8), ("CN-SH", 7),
        ("CN-BJ", 6), ("CN-HB", 6), ("CN-HN", 6), ("CN-FJ", 5), ("CN-LN", 4), ("CN-XJ", 5),
    ]
    private static let families = [
        "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗", "欧阳",
        "上官",
    ]
    private static let givens = [
        "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀", "霞", "平", "刚",
        "桂", "文", "辉", "玲", "建", "华", "红", "志", "晓", "雨", "晨", "子", "轩", "梓", "涵", "浩", "宇", "欣", "怡",
    ]
    private static let uyghurGivens = [
        "阿里木", "古丽", "买买提", "艾力", "帕提古丽", "吐尔逊", "热依汗", "努尔", "玉素甫", "阿依努尔",
    ]
    /// With what a reader must not stumble over: commas, quotes, spaces.
    private static let foreignNames = [
        "Okafor, Chidi", "Lindqvist, Åsa \"Oz\"", "Dupont-Moreau, René", "O'Sullivan, Máire", "Müller,  Jörg",
    ]
}
