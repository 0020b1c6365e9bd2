<?php
// Copies of backups elsewhere, in the restic repository that backups.remote names: remote.sh makes and reads them, in a container of the
// same Pod that alone has the keys.
declare( strict_types=1 );
require_once __DIR__ . '/sidecar.php';

class Remote extends Sidecar {
	private const LIST = '/run/remote/copies.json';

	private function __construct( private readonly string $address ) {
		parent::__construct( 'remote' );
	}

	/** The wiki's, if it has one. */
	public static function ours(): ?self {
		$address = (string)getenv( 'BACKUPS_REMOTE' );
		return $address === '' ? null : new self( $address );
	}

	public function __toString(): string {
		return $this->address;
	}

	/**
	 * Copies a backup, and deletes older copies but for so many.
	 *
	 * @throws Refusal also if the repository has copies of another wiki: the newest of all would one day be restored
	 */
	public function push( Archive $archive, int $keep ): void {
		$host = "mediawiki-{$archive->manifest['wiki']}";
		$there = $this->copies();
		if ( array_diff( array_column( $there, 'hostname' ), [ $host ] ) ) {
			throw new Refusal( "$this has backups of another wiki: give this one a path of its own in backups.remote, or make it of those "
				. 'with backups.restoreFrom and an empty database' );
		}
		// A wiki that was made of an older copy, on an empty volume, would begin to count there.
		$last = max( [ 0, ...array_column( $there, 'number' ) ] );
		if ( $archive->number() <= $last ) {
			$archive = $archive->renumber( $last + 1 );
		}
		$this->ask( 'push', $archive->path, $host, (string)$archive->number() );
		$this->forget( $archive->name(), $keep );
	}

	/** Deletes all copies but the newest, and all that are not whole. */
	private function forget( string $made, int $keep ): void {
		$kept = array_column( array_slice( $this->copies(), 0, $keep ), 'id', 'name' );
		if ( !isset( $kept[$made] ) ) {
			throw new Refusal( "$made is not among the copies, though it was copied: nothing is deleted there" );
		}
		$old = array_diff( array_column( $this->snapshots(), 'id' ), $kept );
		if ( $old ) {
			$this->ask( 'forget', ...$old );
		}
	}

	/** Brings a copy to the volume. */
	public function pull( string $name ): Archive {
		say( "copying $name from $this" );
		$path = Archive::ROOT . "/$name";
		$this->ask( 'pull', array_column( $this->copies(), 'id', 'name' )[$name], $path );
		return Archive::open( $path );
	}

	/** @return array[] what is known of copies that are whole, with name and number of the backup; that of the one made last comes first */
	public function copies(): array {
		$copies = [];
		foreach ( $this->snapshots() as $snapshot ) {
			$tags = implode( ' ', $snapshot['tags'] ?? [] );
			if ( preg_match( '/(?<!\S)\d{8}T\d{6}Z(?!\S)/', $tags, $name ) ) {
				preg_match( '/number-(\d+)/', $tags, $number ); // copies of earlier versions have none
				$copies[] = [ 'name' => $name[0], 'number' => (int)( $number[1] ?? 0 ) ] + $snapshot;
			}
		}
		usort( $copies, static fn ( $a, $b ) => made( $b['number'], $b['name'] ) <=> made( $a['number'], $a['name'] ) );
		return $copies;
	}

	/** @return array[] all that restic knows */
	private function snapshots(): array {
		$this->ask( 'list', self::LIST );
		return json_decode( file_get_contents( self::LIST ), true, 16, JSON_THROW_ON_ERROR );
	}
}

/** Opens the backup with a name, or without one the newest that there is, here or elsewhere. One that is only elsewhere is brought here. */
function findBackup( string $name ): Archive {
	$remote = Remote::ours();
	if ( !$remote || $name !== '' && is_dir( Archive::ROOT . '/' . basename( $name ) ) ) {
		return Archive::named( $name );
	}
	$here = Archive::all();
	$there = $remote->copies();
	$newer = static fn ( $a, $copy ) => made( $a->number(), $a->name() ) >= made( $copy['number'], $copy['name'] );
	if ( $name === '' && $here && ( !$there || $newer( $here[0], $there[0] ) ) ) {
		return $here[0];
	}
	$names = array_column( $there, 'name' );
	$ours = array_map( static fn ( $archive ) => $archive->name(), $here );
	$name = $name === '' ? $names[0] ?? '' : $name;
	if ( !in_array( $name, $names, true ) ) {
		throw new Refusal( "there is no backup $name; there are: " . ( implode( ', ', $ours ) ?: 'none' )
			. "; at $remote: " . ( implode( ', ', $names ) ?: 'none' ) );
	}
	foreach ( $here as $archive ) {
		if ( $archive->name() === $name ) {
			return $archive;
		}
	}
	return $remote->pull( $name );
}
