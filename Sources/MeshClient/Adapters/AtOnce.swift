/// Does something with all items at once, or with so many that each can still be heard within its deadline; the answers
/// come in the order of the items.
func each<Item: Sendable, Answer: Sendable>(
    _ items: [Item], atOnce: Int = 256, _ work: @Sendable @escaping (Item) async -> Answer
) async -> [Answer] {
    await withTaskGroup(of: (Int, Answer).self) { group in
        var answers: [(Int, Answer)] = []
        for (place, item) in items.enumerated() {
            if place >= atOnce, let answer = await group.next() { answers.append(answer) }
            group.addTask { (place, await work(item)) }
        }
        for await answer in group { answers.append(answer) }
        return answers.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
