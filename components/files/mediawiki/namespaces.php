<?php
// The names of namespaces, which outlive the settings that they were made of. MediaWiki names namespaces in the wiki's language, and the
// one of pages about the wiki after the wiki; pages have these names in their links.
declare( strict_types=1 );

/** What a wiki calls its namespaces. It goes from the migration to Pods by way of a note in the database. */
class Namespaces {
	/** Where LocalSettings.php finds it. */
	private const FILE = '/tmp/namespaces.json';
	/** The name of the project namespace that every wiki understands. */
	private const PROJECT = 'Project';

	/** @param array<string, int> $known namespaces of the wiki in the database, by all names that they have had, in lower case */
	public function __construct( private readonly Notes $notes, private array $known ) {
	}

	/** @return array<string, int> the names that note() has noted */
	public static function noted( Notes $notes ): array {
		return json_decode( $notes->get( 'namespaces' ) ?? '[]', true );
	}

	/**
	 * Decides what namespaces are called, for all that MediaWiki does in this container from now on: as the settings say, and as they were
	 * called before. If the wiki's name cannot be a namespace's, the project namespace is called Project.
	 */
	public function settle( Wiki $wiki, mysqli $database ): void {
		$facts = $wiki->facts();
		$project = '';
		if ( !$facts['sound'] || $this->hidesPages( $facts['project'], $database ) ) {
			say( "pages about the wiki are in the namespace “Project”: “{$facts['project']}” cannot be the name of one, or begins titles of pages" );
			$project = self::PROJECT;
			self::write( json_encode( [ 'project' => $project, 'aliases' => [] ] ) );
			$facts = $wiki->examine();
		}
		$aliases = array_diff_key( $this->known, $facts['names'] );
		self::write( json_encode( [ 'project' => $project, 'aliases' => $aliases ], JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE ) );
		$this->known = $facts['names'] + $this->known;
	}

	/** Notes what was settled, for the Pods of a gate and for later migrations. */
	public function note( string $gate ): void {
		$this->notes->set( 'namespaces', json_encode( $this->known, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE ) );
		$this->notes->set( "namespaces:$gate", file_get_contents( self::FILE ) );
	}

	/** Puts what was settled for a gate where LocalSettings.php finds it. */
	public static function follow( Notes $notes, string $gate ): void {
		self::write( $notes->get( "namespaces:$gate" ) ?? '' );
	}

	/** Tells whether a new name of the project namespace is how titles of pages begin: nobody would find these pages any more. */
	private function hidesPages( string $name, mysqli $database ): bool {
		$known = $this->known[mb_strtolower( $name )] ?? null;
		$pages = 'SELECT 1 FROM page WHERE page_namespace = 0 AND page_title LIKE ? LIMIT 1';
		return $known === null && query( $database, $pages, [ addcslashes( $name, '\\_%' ) . ':%' ] )->num_rows > 0;
	}

	private static function write( string $text ): void {
		if ( $text !== '' ) {
			file_put_contents( self::FILE, $text );
		}
	}
}
