"""Which data the product's levels were chosen on: what both pages of figures say of themselves."""

CHOSEN_ON = """Looked at while levels and gates were chosen, so that no figure of these is that of an untouched set:

| data | what was chosen there |
|---|---|
| clip avengers | the levels `prove`, `prove_apart` and `eager`; `DEVIATIONS`, how far somebody must stand out |
| the eight singers | `prove` and `eager`; in view while `continuity` and the run's memory were chosen |
| the seven men | `continuity`, with the singers in view; the run's memory, swept beside the singers and the clips |
| clips hamilton, ovaloffice | `RUN_WORTH`, how many independent pictures a run is worth; hamilton: dark pictures too |
| LFW | what a poor look keeps of its similarity (`clarity`), and the floors |
| clips timessquare, royalopera | the tracker's gates |
| WIDER FACE's 197 pictures | `GLIMPSED`, from when a single look is enough; see below |

Which of WIDER FACE's faces a tile shows and the window lost was looked through, and the tracker repaired so that what
a tile tells holds for the frames beside it: that has no number to be chosen. That a place whose tile had no second turn
is judged by `GLIMPSED` was tried there, and on the clips royalopera and timessquare for what it covers in vain; so was
that whom only a tile shows is awaited, and covered, for as long as the tiles' rotation takes.

Who lies on his side is looked for in turned pictures. What a close look must tell of him was chosen on the clips
herapheri, billhyland, hamilton, ovaloffice, royalopera and timessquare turned, and on hamilton, billhyland and avengers
as they are, for what is covered in vain; what a turned photo must tell, on 50 of WIDER FACE's pictures.

From how much of a change on somebody may be in one frame only (`BLINK`) was chosen on staged films, and seven of the
clips counted for how often it happens. What a weaker detection within a surer one is worth in a photo was chosen on
staged ones, and the pictures of WIDER FACE and of the singers counted for what such detections are.

Whom herapheri, billhyland and ovaloffice show was printed beside these sweeps: nothing was chosen by it, but it was
seen. The clips of `intel` and the staged crossings were only measured.
"""
