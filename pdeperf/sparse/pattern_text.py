"""The class that is written into the user's script to compute matrices of known patterns by values."""

_OF_KNOWN_PATTERN = '''
class InKnownPattern:
    """Computes a matrix by its values alone while all that it consists of keeps its pattern.

    build() is the matrix as SciPy computes it, and values(at) are its values: at(A, i, j) has those of
    A, which stands in block i, j, in the places of its entries, and zeros elsewhere; at(v, i, j, k) has
    those of a vector on a diagonal{along}. The first values are compared with
    build() to the bit. What has another pattern or type than before, or is zero or not finite, is built.
    """

    UNKNOWN = TypeError, ValueError, LookupError, AttributeError, ArithmeticError

    def __init__(self):
        self.matrix, self.parts, self.misses = None, [], 0

    def __call__(self, build, values):
        if self.misses > 30:
            return build()
        try:
            data = self.evaluated(values)
        except self.UNKNOWN:
            matrix, self.misses = build(), self.misses + 3
            self.learn(matrix, values)
            return matrix
        matrix, self.misses = self.matrix.copy(), max(self.misses - 1, 0)
        matrix.data = data
        return matrix

    def evaluated(self, values):
        parts = iter(self.parts)

        def at(part, i=0, j=0, along=0):
            pattern, chosen, absent, places = next(parts, [None] * 4)
            now, given = self.pattern(part, along)
            if now != pattern or given[absent].any(){zero}:
                raise LookupError("another pattern")
            spread = {numpy}.zeros(self.matrix.nnz, given.dtype)
            spread[places] = given[chosen]
            return spread

        with {numpy}.errstate(all="ignore"):
            data = values(at)
        if data.dtype != self.matrix.dtype or not data.all() or not {numpy}.isfinite(data).all():
            raise LookupError("an entry is missing")
        return data

    def pattern(self, part, along):
        if not {sparse}.issparse(part):
            return (part.shape, along), part
        if part.format == "dia":
            return (type(part), part.shape, part.data.shape, part.offsets.tobytes()), part.data.ravel()
        return (type(part), part.shape, part.indptr.tobytes(), part.indices.tobytes()), part.data

    def learn(self, matrix, values):
        """Find the places of all parts among the entries of the matrix."""
        self.parts, parts, heights, widths = [], [], {}, {}
        if not {sparse}.issparse(matrix) or matrix.format not in ("csr", "csc") or matrix.nnz == 0:
            return
        try:
            values(lambda part, i=0, j=0, along=0: parts.append((part, i, j, along)) or 0)
            for part, i, j, along in parts:
                heights[i], widths[j] = self.numbered(part, along).shape
            tops = {numpy}.cumsum([0, *(heights[i] for i in sorted(heights))])
            lefts = {numpy}.cumsum([0, *(widths[j] for j in sorted(widths))])
            whole, self.matrix = matrix.tocoo(), matrix.copy()
            keys = whole.row.astype({numpy}.int64) * matrix.shape[1] + whole.col
            order = {numpy}.argsort(keys)
            for part, i, j, along in parts:
                pattern, _ = self.pattern(part, along)
{scaling}                one = self.numbered(part, along).tocoo()
                own = (one.row + tops[i : i + 1]) * matrix.shape[1] + one.col + lefts[j]
                places = order[{numpy}.searchsorted(keys[order], own) % keys.size]
                is_there, numbers = keys[places] == own, one.data.astype(int) - 1
                if {numpy}.unique(own).size < own.size:
                    raise ValueError("entries stand twice")
                self.parts.append((pattern, numbers[is_there], numbers[~is_there], places[is_there]))
            if self.evaluated(values).tobytes() != matrix.data.tobytes():
                self.parts = []
        except self.UNKNOWN:
            self.parts = []

    def numbered(self, part, along):
        """A part with its values replaced by their numbers, from 1 on."""
        if not {sparse}.issparse(part):
            return {sparse}.diags({numpy}.arange(1.0, part.size + 1), {offset})
        part = part.copy()
        part.data = {numpy}.arange(1.0, part.data.size + 1).reshape(part.data.shape)
        return part
'''


_SCALING = """\
                if isinstance(along, str):
                    numbers = whole.row - tops[i] if along == "rows" else whole.col - lefts[j]
                    inside = (0 <= numbers) & (numbers < part.size)
                    self.parts.append((pattern, numbers[inside], [], {numpy}.flatnonzero(inside)))
                    continue
"""


def of_known_pattern(*, scaled: bool) -> str:
    """The class; with what is known of rows and columns that are multiplied only where there are such."""
    choices = {
        "along": ' or along "rows" or "columns"' if scaled else "",
        "offset": "0 if isinstance(along, str) else along" if scaled else "along",
        "zero": " or (isinstance(along, str) and not given.all())" if scaled else "",
        "scaling": _SCALING if scaled else "",
    }
    text = _OF_KNOWN_PATTERN
    for name, choice in choices.items():
        text = text.replace(f"{{{name}}}", choice)
    return text
