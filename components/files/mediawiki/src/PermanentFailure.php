<?php
declare( strict_types=1 );

/** A failure that a retry does not fix. Its message is what the user reads. */
class PermanentFailure extends RuntimeException {
}
