import MeshClient
import Testing

/// Which YAML texts may be given to a reader that compares the keys of mappings.
struct YAMLBoundsTests {
    @Test(arguments: [
        ("a: &a [x]\n? *a\n: b", 2), ("a: &a [x]\nb: {*a : c}", 2), ("- &a [x, x]\n- [*a, *a]: 1", 2),
        ("b: [1]\na: &a 1\n[1, 2]: 3", nil), ("a: &a [x]\nb: *a", nil),
        // An ampersand within a word or a quote begins no anchor.
        ("url: http://x/?a=1&b=2\nsay: \"? *b: c\"\nlist: [1, ? 2]", nil), ("'&': filter\n? x\n: y", nil),
    ])
    func `a key that an alias may make huge is found, and text is not taken for one`(text: String, line: Int?) {
        #expect(YAMLBounds.lineOfHugeKey(in: text) == line)
    }
}
