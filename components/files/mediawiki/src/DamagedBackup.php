<?php
declare( strict_types=1 );

/** A backup that cannot be restored: a file of it is missing, unreadable or has changed. Another backup may be good. */
class DamagedBackup extends PermanentFailure {
}
