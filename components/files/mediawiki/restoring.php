<?php
// Puts a backup in the place of what a wiki has.
declare( strict_types=1 );

/** One restore. What it has begun is noted, so that it can be taken up after a kill. */
class Restore {
	/** Beginning of the names of backups of what was replaced, the last three of which are kept. */
	private const KEPT = 'before-restore-';

	public function __construct(
		private readonly Wiki $wiki, private readonly mysqli $database, private readonly Notes $notes, private readonly Tools $tools
	) {
	}

	/** Refuses a backup that is broken, another wiki's, too new for this MediaWiki, or not to be loaded here. Nothing is touched. */
	public function check( Archive $archive ): void {
		say( "checking $archive" );
		$archive->check( $this->tools );
		$this->wiki->checkUpgradeFrom( $archive->manifest['mediawiki'] );
		if ( $this->hasContent() && $this->notes->get( 'wiki' ) !== $archive->manifest['wiki'] ) {
			throw new Refusal( "$archive->path is a backup of another wiki, and this one is not empty" );
		}
		$this->tools->rehearse( "$archive->path/database.sql.zst" );
	}

	public function run( Archive $archive ): void {
		$editing = new Editing( $this->wiki->version );
		$editing->close( 'This wiki is being restored from a backup. It can be edited again in a few minutes.' );
		if ( !$this->interrupted() ) {
			try {
				$this->keep( $editing, $archive );
			} catch ( Throwable $e ) {
				$editing->open();
				throw new Refusal( "without a copy of what there is nothing is replaced: {$e->getMessage()}" );
			}
		}
		$this->notes->set( 'restore', basename( $archive->path ) );
		$this->notes->set( 'upgrade', 'null' );
		$this->notes->set( 'schema', '' ); // every gate is closed
		$this->replaceDatabase( $archive );
		$this->replaceUploads( $archive );
		$this->finish( $archive );
		$editing->open();
	}

	/** Tells whether a restore has begun to replace what there was. */
	public function interrupted(): bool {
		return (string)$this->notes->get( 'restore' ) !== '';
	}

	/** Tells whether there is more than what a new wiki begins with: its first page. */
	public function hasContent(): bool {
		return !$this->interrupted() && $this->notes->get( 'state' ) === 'installed' && hasTable( $this->database, 'revision' )
			&& $this->database->query( 'SELECT COUNT(*) FROM revision' )->fetch_column() > 1;
	}

	private function keep( Editing $editing, Archive $restored ): void {
		if ( $this->hasContent() ) {
			$editing->drain( $this->database );
			say( 'what there was: ' . take( $this->database, self::KEPT ) );
			foreach ( array_slice( Archive::of( self::KEPT . '*' ), 3 ) as $old ) {
				if ( $old->name() !== $restored->name() ) {
					$old->delete();
				}
			}
		}
	}

	private function replaceDatabase( Archive $archive ): void {
		say( 'loading the database' );
		drop( $this->database, array_diff( tables( $this->database ), [ NOTES ] ) );
		$this->tools->load( "$archive->path/database.sql.zst" );
		forgetObjects();
		foreach ( $archive->manifest['rows'] as $table => $rows ) {
			$there = (int)$this->database->query( "SELECT COUNT(*) FROM `$table`" )->fetch_column();
			if ( $there !== $rows ) {
				throw new Refusal( "table $table has $there rows, and the backup $rows" );
			}
		}
		holds( $this->database );
	}

	private function replaceUploads( Archive $archive ): void {
		say( 'copying uploads' );
		$sums = $archive->uploads();
		deleteTree( UPLOADS . '/thumb' );
		foreach ( iterator_to_array( uploads( UPLOADS ), false ) as $file ) {
			$name = uploadName( UPLOADS, $file );
			if ( ( $sums[$name] ?? null ) === hash_file( 'sha256', $file->getPathname() ) ) {
				unset( $sums[$name] ); // it is what it was
			} else {
				unlink( $file->getPathname() );
			}
		}
		foreach ( $sums as $name => $sum ) {
			$target = UPLOADS . substr( $name, strlen( 'uploads' ) );
			if ( !is_dir( dirname( $target ) ) ) {
				mkdir( dirname( $target ), recursive: true );
			}
			if ( !copy( "$archive->path/$name", $target ) || hash_file( 'sha256', $target ) !== $sum ) {
				throw new Refusal( "$name: " . lastError() );
			}
			touch( $target, filemtime( "$archive->path/$name" ) );
		}
	}

	private function finish( Archive $archive ): void {
		// What has come may be another wiki, in the place of a new one; and a backup may be older than a name.
		$ours = $this->notes->get( 'wiki' ) === $archive->manifest['wiki'] ? Namespaces::noted( $this->notes ) : [];
		$names = new Namespaces( $this->notes, $ours + ( $archive->manifest['namespaces'] ?? [] ) );
		$names->settle( $this->wiki, $this->database );
		$schema = $this->wiki->schema();
		if ( $archive->manifest['schema'] !== $schema ) {
			say( 'bringing the schema up to date' );
			$this->wiki->update();
		}
		$this->wiki->checkPages();
		holds( $this->database );
		$this->notes->set( 'state', 'installed' );
		$this->notes->set( 'wiki', $archive->manifest['wiki'] );
		$this->notes->set( 'schema', $schema );
		openGate( $this->notes, $this->wiki, $names );
		$this->notes->set( 'restore', '' );
		forgetCopies();
	}
}
