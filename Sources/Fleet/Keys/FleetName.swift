/// Names of fleets and nodes: one DNS label (RFC 1123, section 2.1), as all names of resources are.
public enum FleetName {
    /// Whether a text is at most 63 lower-case letters, digits and hyphens, with a hyphen at neither end.
    public static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        return (1...63).contains(bytes.count) && bytes.first != 0x2d && bytes.last != 0x2d
            && bytes.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }
}
