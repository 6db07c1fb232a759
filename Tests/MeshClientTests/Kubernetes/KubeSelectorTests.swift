import MeshModel
import Testing

@testable import MeshClient

/// Labels as selectors choose them.
struct KubeSelectorTests {
    @Test(arguments: [
        (#"{"matchLabels":{"app":"a"}}"#, "app=a", true), (#"{"matchLabels":{"app":"b"}}"#, "app=b", false),
        (#"{"matchExpressions":[{"key":"app","operator":"In","values":["x","a"]}]}"#, "app in (x,a)", true),
        (#"{"matchExpressions":[{"key":"app","operator":"NotIn","values":["a"]}]}"#, "app notin (a)", false),
        (#"{"matchExpressions":[{"key":"no","operator":"NotIn","values":["a"]}]}"#, "no notin (a)", true),
        (#"{"matchExpressions":[{"key":"app","operator":"Exists"}]}"#, "app", true),
        (
            #"{"matchLabels":{"app":"a"},"matchExpressions":[{"key":"app","operator":"DoesNotExist"}]}"#, "app=a,!app",
            false
        ),
    ])
    func `a selector chooses as it says to the server`(text: String, query: String, isChosen: Bool) throws {
        let selector = try #require(KubeSelector(try JSON(parsing: text)))
        #expect(selector.query == query)
        #expect(selector.matches(["app": "a", "version": "v1"]) == isChosen)
    }

    @Test(arguments: ["{}", "[]", #"{"matchExpressions":[{"key":"a","operator":"Gt","values":["1"]}]}"#])
    func `what means everything, or what nobody understands, is none`(text: String) throws {
        #expect(KubeSelector(try JSON(parsing: text)) == nil)
    }
}
